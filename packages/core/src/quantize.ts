import { tensor } from "./create-tensor.js";
import { toNumbers } from "./dtype.js";
import { ShapeError } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** A matrix in 8 bits with a scale for every column, 1 byte an element; and its transpose, as much again. */
export interface Int8Matrix {
  readonly values: Tensor; // int8 [rows, columns]
  readonly scales: Tensor; // float32 [columns]
  /** For products with the transpose, which gradients are too. */
  readonly transposedValues?: Tensor; // int8 [columns, rows]
  readonly transposedScales?: Tensor; // float32 [rows]
}

/**
 * Rounds a float32 matrix on the host to 8 bits: each column's largest element becomes ±127.
 *
 * @param options.transposed Whether its transpose is rounded, too; default true.
 */
export function quantizeInt8(matrix: Tensor): Promise<Required<Int8Matrix>>;
export function quantizeInt8(
  matrix: Tensor,
  options: { readonly transposed?: boolean },
): Promise<Int8Matrix>;
export async function quantizeInt8(
  matrix: Tensor,
  { transposed = true }: { readonly transposed?: boolean } = {},
): Promise<Int8Matrix> {
  const { rows, columns, numbers } = await matrixNumbers("quantizeInt8", matrix);
  const straight = byColumns(numbers, rows, columns);
  if (!transposed) return straight;
  const turned = turnedByRows(numbers, rows, columns);
  return { ...straight, transposedValues: turned.values, transposedScales: turned.scales };
}

/** A matrix's numbers on the host, row by row. @throws {ShapeError} It is no matrix. */
export async function matrixNumbers(
  op: string,
  matrix: Tensor,
): Promise<{ rows: number; columns: number; numbers: ArrayLike<number> }> {
  if (matrix.rank !== 2)
    throw new ShapeError(`${op}: the matrix is ${matrix}; give one of two axes`);
  const [rows = 0, columns = 0] = matrix.shape;
  return { rows, columns, numbers: await numbersOf(matrix) };
}

/** A tensor's numbers on the host. */
export async function numbersOf(x: Tensor): Promise<ArrayLike<number>> {
  const data = await x.data();
  return x.dtype === "float32" ? (data as Float32Array) : toNumbers(data, x.dtype);
}

type Quantized = Pick<Int8Matrix, "values" | "scales">;

// Element by element, without functions in between: a large model has hundreds of millions.

function byColumns(numbers: ArrayLike<number>, rows: number, columns: number): Quantized {
  const scales = new Float32Array(columns);
  for (let i = 0, row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, i++) {
      const size = Math.abs(numbers[i] as number) / 127;
      if (size > (scales[column] as number)) scales[column] = size;
    }
  const values = new Int8Array(rows * columns);
  for (let i = 0, row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, i++)
      values[i] = Math.round((numbers[i] as number) / ((scales[column] as number) || 1));
  return { values: tensor(values, { shape: [rows, columns] }), scales: tensor(scales) };
}

/** The transpose: its columns are the rows. */
function turnedByRows(numbers: ArrayLike<number>, rows: number, columns: number): Quantized {
  const scales = new Float32Array(rows);
  const values = new Int8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let i = start; i < start + columns; i++) {
      const size = Math.abs(numbers[i] as number) / 127;
      if (size > (scales[row] as number)) scales[row] = size;
    }
    const scale = (scales[row] as number) || 1;
    for (let column = 0; column < columns; column++)
      values[column * rows + row] = Math.round((numbers[start + column] as number) / scale);
  }
  return { values: tensor(values, { shape: [columns, rows] }), scales: tensor(scales) };
}
