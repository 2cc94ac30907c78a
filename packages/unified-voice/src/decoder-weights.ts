import {
  blockMatrix,
  type Device,
  disposeTree,
  int8Matrix,
  quantizeBlocks,
  quantizeInt8,
  type Tensor,
  type Weights,
} from "@hawksbill/core";

/** How a decoder keeps the matrices of its blocks. */
export type WeightPrecision = "float32" | "int8" | "int4";

/** The weights of a decoder's program, as constants for it. */
export interface DecoderWeights {
  readonly weights: Weights;
  /** Frees what was made. */
  dispose(): void;
}

/** GPT-2's matrices. The head stays as it is: it is little, and codes are drawn of what it gives. */
const quantized = /^gpt\.h\.\d+\.(attn|mlp)\.(c_attn|c_proj|c_fc)\.weight$/;

/** The weights as they are, or with the matrices of the blocks in 8 or 4 bits. */
export async function decoderWeights(
  weights: Weights,
  precision: WeightPrecision,
  device: Device,
): Promise<DecoderWeights> {
  if (precision === "float32") return { weights, dispose: () => {} };
  const made: Record<string, Tensor> = {};
  const owned: unknown[] = [];
  const dispose = (): void => disposeTree(owned);
  try {
    for (const [name, weight] of Object.entries(weights)) {
      if (!quantized.test(name)) continue;
      const { matrix, parts } = await rounded(weight, precision, device);
      owned.push(parts);
      made[name] = matrix;
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { weights: { ...weights, ...made }, dispose };
}

/**
 * Processors are fastest with 8 bits on both sides, the scale of a matrix's whole column and rows rounded, too. GPUs have
 * another product, in which rows keep float32 and columns have many scales: no slower there, and nearer.
 */
async function rounded(
  weight: Tensor,
  precision: "int8" | "int4",
  { name }: Device,
): Promise<{ readonly matrix: Tensor; readonly parts: unknown }> {
  const roundRows = name === "cpu" || name === "wasm";
  if (precision === "int8" && roundRows) {
    const parts = await quantizeInt8(weight, { transposed: false });
    return { matrix: int8Matrix(parts), parts };
  }
  const parts = await quantizeBlocks(weight, precision === "int8" ? 8 : 4);
  return { matrix: blockMatrix(parts, { roundRows }), parts };
}
