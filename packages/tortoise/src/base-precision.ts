import { toFloat16 } from "@hawksbill/checkpoint";
import {
  cast,
  disposeTree,
  type Int8Matrix,
  int8Matrix,
  quantizeInt8,
  type Tensor,
  tensor,
  unsqueeze,
  type Weights,
} from "@hawksbill/core";

/** How a base that an adapter is trained beside is kept in memory. */
export const basePrecisions = ["fp32", "fp16", "int8"] as const;

export type BasePrecision = (typeof basePrecisions)[number];

/** The matrices that are always multiplied by from the right: what `int8Matrix` is for. */
const multiplied = /(^|\.)(c_attn|c_proj|c_fc|text_head|mel_head|qkv|proj_out)\.weight$/;
/** Those that are kernels of one position, [out, in, 1]. */
const kernels = /\.(qkv|proj_out)\.weight$/;

/** Names of an `Int8Matrix`'s tensors, behind the weight's own. */
const int8Parts = ["values", "scales", "transposedValues", "transposedScales"];
const int8Mark = ":int8.";

/**
 * Copies of frozen weights in fewer bytes, as inputs of programs. "fp16": 2 bytes an element. "int8": GPT-2's matrices
 * and the heads in 8 bits, once straight and once transposed, so 2 bytes as well, but they multiply in 8 bits, which
 * is faster; the rest in float16. Vectors stay in float32. Weights are read one at a time: they may lie in a file.
 *
 * @returns For `restored`; the caller's to dispose of.
 */
export async function frozenCopies(base: Weights, precision: BasePrecision): Promise<Weights> {
  const copies: Record<string, Tensor> = {};
  try {
    for (const [name, weight] of Object.entries(base))
      if (precision === "int8" && multiplied.test(name))
        for (const [part, x] of Object.entries(await int8Copy(weight)))
          copies[name + int8Mark + part] = x;
      else copies[name] = await copyOf(name, weight, precision !== "fp32" && weight.rank >= 2);
    return copies;
  } catch (error) {
    disposeTree(copies);
    throw error;
  }
}

/** The weights that copies stand for, in float32, for use inside a traced function. */
export function restored(copies: Weights): Weights {
  const weights: Record<string, Tensor> = {};
  for (const [name, x] of Object.entries(copies)) {
    const [weight = name, part] = name.split(int8Mark);
    if (part === undefined) weights[name] = cast(x, "float32");
    else weights[weight] ??= int8Of(copies, weight);
  }
  return weights;
}

function int8Of(copies: Weights, name: string): Tensor {
  const [values, scales, transposedValues, transposedScales] = int8Parts.map(
    (part) => copies[name + int8Mark + part],
  ) as [Tensor, Tensor, Tensor, Tensor];
  const matrix = int8Matrix({ values, scales, transposedValues, transposedScales });
  return kernels.test(name) ? unsqueeze(matrix, 2) : matrix;
}

async function int8Copy(weight: Tensor): Promise<Int8Matrix> {
  const { shape, dtype } = weight;
  const matrix = tensor(await weight.data(), { shape: shape.slice(0, 2), dtype });
  try {
    return await quantizeInt8(matrix);
  } finally {
    matrix.dispose();
  }
}

async function copyOf(name: string, weight: Tensor, isHalf: boolean): Promise<Tensor> {
  const { shape, dtype } = weight;
  const data = await weight.data();
  const copy = tensor(isHalf ? data : data.slice(), { shape, dtype });
  if (!isHalf) return copy;
  const { [name]: half = copy } = toFloat16({ [name]: copy });
  if (half !== copy) copy.dispose();
  return half;
}
