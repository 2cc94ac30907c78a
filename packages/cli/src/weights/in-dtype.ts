import { toFloat16, toFloat32 } from "@hawksbill/checkpoint";
import { lazyTensor, type Tensor, tensor, type Weights } from "@hawksbill/core";

/** How the numbers of a model can be written. */
export const writtenDTypes = ["float32", "float16"] as const;

/** Weights whose floating-point numbers are brought to one dtype when they are read; the others stay as they are. */
export function inDtype(weights: Weights, dtype: (typeof writtenDTypes)[number]): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, x]) => {
      const isFloat = x.dtype === "float32" || x.dtype === "float16";
      return [name, isFloat && x.dtype !== dtype ? converted(name, x, dtype) : x];
    }),
  );
}

function converted(name: string, x: Tensor, dtype: (typeof writtenDTypes)[number]): Tensor {
  const convert = dtype === "float16" ? toFloat16 : toFloat32;
  const read = async (): Promise<Uint8Array> => {
    const whole = tensor(await x.data(), { shape: x.shape, dtype: x.dtype });
    const result = convert({ [name]: whole })[name] as Tensor;
    const { buffer, byteOffset, byteLength } = result.dataSync();
    whole.dispose();
    result.dispose();
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  return lazyTensor({ read }, { shape: x.shape, dtype });
}
