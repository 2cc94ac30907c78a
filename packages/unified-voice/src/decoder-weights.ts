import { disposeTree, int8Matrix, quantizeInt8, type Tensor, type Weights } from "@hawksbill/core";

/** How a decoder keeps the matrices of its blocks. */
export type WeightPrecision = "float32" | "int8";

/** The weights of a decoder's program, as constants for it. */
export interface DecoderWeights {
  readonly weights: Weights;
  /** Frees what was made. */
  dispose(): void;
}

/** GPT-2's matrices. The head stays as it is: it is little, and codes are drawn of what it gives. */
const quantized = /^gpt\.h\.\d+\.(attn|mlp)\.(c_attn|c_proj|c_fc)\.weight$/;

/** The weights as they are, or with the matrices of the blocks in 8 bits. */
export async function decoderWeights(
  weights: Weights,
  precision: WeightPrecision,
): Promise<DecoderWeights> {
  if (precision === "float32") return { weights, dispose: () => {} };
  const made: Record<string, Tensor> = {};
  const owned: unknown[] = [];
  for (const [name, weight] of Object.entries(weights)) {
    if (!quantized.test(name)) continue;
    const matrix = await quantizeInt8(weight, { transposed: false });
    owned.push(matrix);
    made[name] = int8Matrix(matrix);
  }
  return { weights: { ...weights, ...made }, dispose: () => disposeTree(owned) };
}
