import { tensor } from "./create-tensor.js";
import { matrixNumbers } from "./quantize.js";
import type { Tensor } from "./tensor.js";

/** A matrix in 4 or 8 bits with a scale for every few elements of a column: 0.625 or 1.125 bytes an element. */
export interface BlockMatrix {
  readonly bits: 4 | 8;
  readonly rows: number;
  /** Two elements a byte for 4 bits, the first in the lower half; 8 and 128 stand for zero. */
  readonly values: Tensor; // uint8 [columns, blocks, blockRows · bits / 8]
  readonly scales: Tensor; // float32 [columns, blocks]
}

/** Rows that share a scale: what ONNX Runtime's kernels on GPUs are made for. */
const blockRows = 32;

/**
 * Rounds a float32 matrix on the host in blocks of 32 rows: the largest element of each becomes -8 of 4 bits, or ±127 of
 * 8 bits. For products with rows of whatever length, see `blockMatrix`.
 */
export async function quantizeBlocks(matrix: Tensor, bits: 4 | 8): Promise<BlockMatrix> {
  const { rows, columns, numbers } = await matrixNumbers("quantizeBlocks", matrix);
  const blocks = Math.ceil(rows / blockRows);
  const scales = new Float32Array(columns * blocks);
  const zero = 2 ** (bits - 1);
  const bytes = new Uint8Array(columns * blocks * blockRows).fill(zero); // One a number at first.
  // Row by row, as they lie in memory, and without functions in between: a large model has hundreds of millions.
  for (let i = 0, row = 0; row < rows; row++) {
    const block = Math.floor(row / blockRows);
    for (let column = 0; column < columns; column++, i++) {
      const number = numbers[i] as number;
      const at = column * blocks + block;
      if (Math.abs(number) > Math.abs(scales[at] as number)) scales[at] = number;
    }
  }
  // 4 bits have one step more below zero than above: the largest takes it.
  for (let i = 0; i < scales.length; i++)
    scales[i] = (scales[i] as number) / (bits === 4 ? -8 : 127);
  for (let i = 0, row = 0; row < rows; row++) {
    const block = Math.floor(row / blockRows);
    for (let column = 0; column < columns; column++, i++) {
      const scale = scales[column * blocks + block] as number;
      const steps = Math.round((numbers[i] as number) / (scale || 1)) + zero;
      bytes[column * blocks * blockRows + row] = Math.min(steps, 2 * zero - 1);
    }
  }
  const values = bits === 8 ? bytes : halfBytes(bytes);
  return {
    bits,
    rows,
    values: tensor(values, { shape: [columns, blocks, (blockRows * bits) / 8] }),
    scales: tensor(scales, { shape: [columns, blocks] }),
  };
}

/** Two numbers below 16 in a byte. */
function halfBytes(numbers: Uint8Array): Uint8Array {
  const halves = new Uint8Array(numbers.length / 2);
  for (let i = 0; i < halves.length; i++)
    halves[i] = (numbers[2 * i] as number) | ((numbers[2 * i + 1] as number) << 4);
  return halves;
}
