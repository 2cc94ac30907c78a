import { toFloat32 } from "@hawksbill/checkpoint";
import { type Tensor, tensor } from "@hawksbill/core";

/** A weight in memory, in float32: itself where it is that already, else a copy, e.g. of one that lies in a file. */
export async function inFloat32(name: string, weight: Tensor): Promise<Tensor> {
  const { shape, dtype, place } = weight;
  if (place === "host" && dtype !== "float16") return weight;
  const read = tensor(await weight.data(), { shape, dtype });
  const { [name]: wide = read } = toFloat32({ [name]: read });
  if (wide !== read) read.dispose();
  return wide;
}
