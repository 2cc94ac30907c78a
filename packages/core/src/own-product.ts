import type { Tensor } from "./tensor.js";

/** Multiplies rows by a matrix, or by its transpose, in a way of the matrix's own. */
export type Product = (x: Tensor, transpose: boolean) => Tensor;

const products = new WeakMap<Tensor, Product>();

/**
 * Lets `matmul` and `linear` multiply by a matrix in a cheaper way than by its elements.
 *
 * @param matrix The recipe for its elements, for all other operators.
 */
export function withProduct(matrix: Tensor, product: Product): Tensor {
  products.set(matrix, product);
  return matrix;
}

/** The matrix's own way, if it has one. */
export function productOf(matrix: Tensor): Product | undefined {
  return products.get(matrix);
}

const matrices = new WeakMap<Tensor, Tensor>();

/**
 * Lets `conv1d` multiply rows by a matrix instead of moving a kernel over them.
 *
 * @param kernel The recipe for its elements, [outputs, channels, positions], for all other operators.
 * @param matrix [channels, positions · outputs].
 */
export function withMatrix(kernel: Tensor, matrix: Tensor): Tensor {
  matrices.set(kernel, matrix);
  return kernel;
}

/** The kernel's matrix, if it has one. */
export function matrixOf(kernel: Tensor): Tensor | undefined {
  return matrices.get(kernel);
}
