import { literal } from "../create-tensor.js";
import { lengthOf, ShapeError } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, cast, mul, where } from "./arithmetic.js";
import { concat, slice } from "./layout.js";
import { dropout } from "./losses.js";
import { matmul } from "./products.js";
import { softmax } from "./reductions.js";

/** Far below any logit, yet within float16. */
const masked = -3e4;

export interface AttentionOptions {
  /** Query t attends to keys up to t (counted so that the last query meets the last key). Default false. */
  readonly causal?: boolean;
  /** bool, true where a query may attend; broadcasts to [batch, heads, queries, keys]. */
  readonly mask?: Tensor;
  /** Added to the logits, e.g. a relative-position bias; broadcasts to [batch, heads, queries, keys]. */
  readonly bias?: Tensor;
  /** Of the logits; default 1 / √dim. */
  readonly scale?: number;
  /** Of the shares that each query gives to the keys; `uniform` is [batch, heads, queries, keys]. */
  readonly dropout?: { readonly rate: number; readonly uniform: Tensor };
  /** Earlier keys and values, [batch, heads, past, dim] each: they come before `k` and `v`. */
  readonly past?: { readonly key: Tensor; readonly value: Tensor };
}

/**
 * softmax(q · kᵀ · scale + bias) · v, head by head.
 *
 * @param q [batch, heads, queries, dim].
 * @param k [batch, heads, keys, dim]. @param v likewise.
 * @returns [batch, heads, queries, dim].
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const ranked = q.rank === 4 && k.rank === 4 && v.rank === 4;
  if (!ranked || q.shape[3] !== k.shape[3] || k.shape[2] !== v.shape[2])
    throw new ShapeError(
      `attention: q [${q.shape}], k [${k.shape}], v [${v.shape}] must be [batch, heads, time, dim], q and k of one dim, k and v of one time`,
    );
  const { past, scale = 1 / Math.sqrt(lengthOf(q.shape, 3)) } = options;
  const scaled = mul(q, scale);
  // The cache is read where it lies: joining it with k and v would copy all of it at every step.
  const now = matmul(scaled, k, { transposeB: true }); // [B, H, queries, keys]
  let logits = past
    ? concat([matmul(scaled, past.key, { transposeB: true }), now], -1) // [B, H, queries, past + keys]
    : now;
  if (options.bias) logits = add(logits, options.bias);
  if (options.causal) logits = add(logits, cast(causalMask(logits.shape), q.dtype));
  if (options.mask) logits = where(options.mask, logits, masked);
  const shares = softmax(logits);
  const weights = options.dropout
    ? dropout(shares, options.dropout.rate, options.dropout.uniform)
    : shares;
  if (!past) return matmul(weights, v);
  const end = lengthOf(past.key.shape, 2);
  return add(
    matmul(slice(weights, { axis: 3, end }), past.value),
    matmul(slice(weights, { axis: 3, start: end }), v),
  );
}

/** 0 where query t may see the key, `masked` where the key is later. [queries, keys] */
function causalMask(shape: readonly number[]): Tensor {
  const queries = lengthOf(shape, -2);
  const keys = lengthOf(shape, -1);
  if (queries > keys)
    throw new ShapeError(
      `attention: causal with ${queries} queries and ${keys} keys leaves the first without any; give as many keys, or more`,
    );
  const mask = new Float32Array(queries * keys);
  for (let t = 0; t < queries; t++)
    mask.fill(masked, t * keys + (keys - queries) + t + 1, (t + 1) * keys);
  return literal(mask, { shape: [queries, keys] });
}
