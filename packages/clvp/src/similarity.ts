import {
  add,
  crossEntropy,
  div,
  exp,
  iota,
  matmul,
  maximum,
  mul,
  sqrt,
  square,
  sum,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { namedWeight } from "./named-weight.js";

/** Rows brought to length 1. @param x [batch, dim]. */
export function normalise(x: Tensor): Tensor {
  const length = sqrt(sum(square(x), -1, { keepDims: true }));
  return div(x, maximum(length, 1e-12)); // As torch.nn.functional.normalize.
}

/**
 * How alike two latents are, row by row: the cosine of their angle, times the model's temperature.
 *
 * @param weights A CLVP's or CVVP's; only `temperature` is read.
 * @param a Latents of length 1, [batch, dim]. @param b Likewise; one of both may have a single row.
 * @returns [batch].
 */
export function similarity(weights: Weights, a: Tensor, b: Tensor): Tensor {
  return mul(sum(mul(a, b), -1), exp(namedWeight(weights, "temperature")));
}

/**
 * The loss that CLVP and CVVP are trained with: each row should find its partner among all of the batch, in both
 * directions.
 *
 * @param weights A CLVP's or CVVP's; only `temperature` is read.
 * @param a Latents of length 1, [batch, dim]. @param b Their partners.
 * @returns A scalar.
 */
export function contrastiveLoss(weights: Weights, a: Tensor, b: Tensor): Tensor {
  const pairs = matmul(a, b, { transposeB: true }); // [batch, batch]
  const logits = mul(pairs, exp(namedWeight(weights, "temperature")));
  const partners = iota(a.shape[0] ?? 0);
  return mul(add(crossEntropy(logits, partners), crossEntropy(transpose(logits), partners)), 0.5);
}
