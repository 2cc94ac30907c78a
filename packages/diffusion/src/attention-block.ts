import {
  abs,
  add,
  cast,
  floor,
  gather,
  greater,
  iota,
  less,
  log,
  matmul,
  maximum,
  minimum,
  mul,
  reshape,
  softmax,
  split,
  sub,
  type Tensor,
  transpose,
  type Weights,
  where,
} from "@hawksbill/core";
import { positionBuckets, positionTable } from "./config.js";
import { convolution, namedWeight, normalise } from "./layers.js";

// B batch, T time, H heads, d channels of a head, C = H · d.

/**
 * x + attention over all of time, with a learned preference for distances.
 *
 * @param x [batch, channels, time].
 * @param buckets `relativeBuckets(time)`.
 */
export function attentionBlock(weights: Weights, name: string, x: Tensor, buckets: Tensor): Tensor {
  const [B = 1, C = 1, T = 1] = x.shape;
  const table = namedWeight(weights, `${name}.${positionTable}`); // [buckets, H]
  const heads = table.shape[1] ?? 1;
  const dim = C / heads;
  const qkv = convolution(weights, `${name}.qkv`, normalise(weights, `${name}.norm`, x));
  // Head by head [q, k, v], not [q | k | v].
  const [q, k, v] = split(reshape(qkv, [B, heads, 3 * dim, T]), 3, 2) as [Tensor, Tensor, Tensor];
  const products = matmul(mul(q, 1 / Math.sqrt(dim)), k, { transposeA: true }); // [B, H, T, T]
  // Whole rows of the table, then heads first: to pick each head's numbers one by one would take three times as long.
  const rows = gather(mul(table, Math.sqrt(dim)), buckets); // [T, T, H]
  const bias = transpose(rows, [2, 0, 1]);
  const shares = softmax(add(products, bias));
  const heard = reshape(matmul(v, shares, { transposeB: true }), [B, C, T]);
  return add(x, convolution(weights, `${name}.proj_out`, heard));
}

/** Several blocks, numbered from `first`. @param x [batch, channels, time]. */
export function attentionBlocks(
  weights: Weights,
  part: string,
  x: Tensor,
  [first, count]: readonly [first: number, count: number],
): Tensor {
  const buckets = relativeBuckets(x.shape[2] ?? 1);
  let y = x;
  for (let i = first; i < first + count; i++)
    y = attentionBlock(weights, `${part}.${i}`, y, buckets);
  return y;
}

/** Keys this far away or further share the last bucket of their side. */
const maxDistance = 64;

/**
 * For each query and key a row of the table of relative positions: half of the rows are for keys behind
 * the query (or at it), half for those before it; in each half one row a distance at first, then ever fewer.
 *
 * @returns int32 [queries, keys].
 */
export function relativeBuckets(time: number): Tensor {
  const side = positionBuckets / 2;
  const exact = side / 2; // Distances with a row of their own.
  const places = cast(iota(time), "float32");
  const distance = sub(places, reshape(places, [time, 1])); // [queries, keys]
  const n = abs(distance);
  const octaves = mul(log(mul(maximum(n, exact), 1 / exact)), 1 / Math.log(maxDistance / exact));
  const far = minimum(add(floor(mul(octaves, exact)), exact), side - 1);
  const row = where(less(n, exact), n, far);
  return cast(add(row, mul(cast(greater(distance, 0), "float32"), side)), "int32");
}
