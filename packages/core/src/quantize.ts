import { toNumbers } from "./dtype.js";
import { ShapeError } from "./shape.js";
import { type Tensor, tensor } from "./tensor.js";

/** A matrix in 8 bits, and its transpose, each with a scale for every column. About 2 bytes an element. */
export interface Int8Matrix {
  readonly values: Tensor; // int8 [rows, columns]
  readonly scales: Tensor; // float32 [columns]
  readonly transposedValues: Tensor; // int8 [columns, rows]
  readonly transposedScales: Tensor; // float32 [rows]
}

/** Rounds a float32 matrix on the host to 8 bits: each column's largest element becomes ±127. */
export async function quantizeInt8(matrix: Tensor): Promise<Int8Matrix> {
  if (matrix.rank !== 2)
    throw new ShapeError(`quantizeInt8: the matrix is ${matrix}; give one of two axes`);
  const [rows = 0, columns = 0] = matrix.shape;
  const data = await matrix.data();
  const numbers =
    matrix.dtype === "float32" ? (data as Float32Array) : toNumbers(data, matrix.dtype);
  const straight = quantized(numbers, rows, columns, (row, column) => row * columns + column);
  const turned = quantized(numbers, columns, rows, (row, column) => column * columns + row);
  return {
    values: straight.values,
    scales: straight.scales,
    transposedValues: turned.values,
    transposedScales: turned.scales,
  };
}

function quantized(
  numbers: ArrayLike<number>,
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
): { values: Tensor; scales: Tensor } {
  const scales = new Float32Array(columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const size = Math.abs(numbers[at(row, column)] as number) / 127;
      if (size > (scales[column] as number)) scales[column] = size;
    }
  const values = new Int8Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const scale = (scales[column] as number) || 1;
      values[row * columns + column] = Math.round((numbers[at(row, column)] as number) / scale);
    }
  return { values: tensor(values, { shape: [rows, columns] }), scales: tensor(scales) };
}
