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
