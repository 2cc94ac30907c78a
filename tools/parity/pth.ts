import { decodeSafetensors, openCheckpoint } from "@hawksbill/checkpoint";
import { type Tensor, tensor } from "@hawksbill/core";
import type { InputFile } from "./check-file.js";
import { compareTensors, type Row } from "./compare.js";

/**
 * What a .pth holds, against the same tensors in safetensors; exact.
 *
 * Where the .pth is nested, the others' names are the ends of its names: "layer.weight" of "model.layer.weight".
 */
export async function checkPth({ name, bytes, expected }: InputFile): Promise<Row[]> {
  if (expected === undefined)
    throw new Error(
      "there is nothing to compare it with; put its tensors beside it as expected.safetensors, or its numbers as a .json of its name",
    );
  const theirs = decodeSafetensors(Uint8Array.from(atob(expected), (c) => c.charCodeAt(0)));
  const checkpoint = await openCheckpoint(bytes, { name });
  const ours: Record<string, Tensor> = {};
  for (const wanted of Object.keys(theirs.tensors))
    for (const [key, stored] of Object.entries(checkpoint.tensors)) {
      if (key !== wanted && !key.endsWith(`.${wanted}`)) continue;
      const { shape, dtype } = stored;
      ours[wanted] = tensor(await stored.data(), { shape, dtype });
    }
  return compareTensors(theirs.tensors, ours, () => ({ kind: "exact" }));
}
