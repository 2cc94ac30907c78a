import { expect, test } from "vitest";
import { zeros } from "../create-tensor.js";
import { DTypeError } from "../dtype.js";
import { ShapeError } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, and, equal, exp, less, mul, neg, not, where } from "./arithmetic.js";
import { attention } from "./attention.js";
import { gather, scatterAdd, takeAlong, topK } from "./indexing.js";
import {
  concat,
  expand,
  pad,
  reshape,
  resize,
  slice,
  split,
  squeeze,
  transpose,
} from "./layout.js";
import { crossEntropy, dropout } from "./losses.js";
import { groupNorm, layerNorm, rmsNorm } from "./norms.js";
import { conv1d, conv2d, convTranspose1d, linear, matmul } from "./products.js";
import { argmax, cumsum, mean, softmax, sum } from "./reductions.js";

const f = (...shape: number[]): Tensor => zeros(shape);
const ints = (...shape: number[]): Tensor => zeros(shape, "int32");
const bools = (...shape: number[]): Tensor => zeros(shape, "bool");

test.each<[() => unknown, string]>([
  [
    () => add(f(2, 3), f(2, 4)),
    "add: shapes [2,3] and [2,4] do not broadcast: axis -1 is 3 and 4; make them equal or one of them 1",
  ],
  [
    () => less(f(3), f(2)),
    "less: shapes [2] and [3] do not broadcast: axis -1 is 2 and 3; make them equal or one of them 1",
  ],
  [
    () => where(bools(2), f(3), 0),
    "where: shapes [2] and [3] do not broadcast: axis -1 is 2 and 3; make them equal or one of them 1",
  ],
  [
    () => matmul(f(2, 3), f(2, 3)),
    "matmul: shapes [2,3] and [2,3]: 3 columns do not meet 2 rows; make them equal, e.g. with transposeB",
  ],
  [
    () => matmul(f(3), f(3, 2)),
    "matmul: shapes [3] and [3,2]; give two axes or more, e.g. reshape a vector to [1, n]",
  ],
  [
    () => matmul(f(2, 2, 3), f(3, 3, 2)),
    "matmul: shapes [2] and [3] do not broadcast: axis -1 is 2 and 3; make them equal or one of them 1",
  ],
  [() => linear(f(2, 3), f(4, 3), f(1)), "linear: bias must be [4], got [1]"],
  [
    () => conv1d(f(2, 3), f(2, 3, 1)),
    "conv1d: input [2,3] and weight [2,3,1] must have 3 axes each",
  ],
  [
    () => conv1d(f(1, 4, 5), f(3, 2, 3), undefined, { groups: 2 }),
    "conv1d: input [1,4,5] with 2 group(s) needs a weight [outputs, 2, …kernel] with outputs divisible by groups, got [3,2,3]",
  ],
  [
    () => conv1d(f(1, 2, 2), f(3, 2, 3)),
    "conv1d: input [1,2,2] is shorter than the kernel of [3,2,3]; pad it first",
  ],
  [() => conv1d(f(1, 2, 5), f(3, 2, 3), f(2)), "conv1d: bias must be [3], got [2]"],
  [
    () => conv1d(f(1, 2, 5), f(3, 2, 3), undefined, { stride: 0 }),
    "conv1d: stride is [0]; give a whole number >= 1, or one for each of 1 axes",
  ],
  [
    () => conv2d(f(1, 2, 5, 5), f(3, 2, 3, 3), undefined, { padding: [1] }),
    "conv2d: padding is [1]; give a whole number >= 0, or one for each of 2 axes",
  ],
  [
    () => convTranspose1d(f(1, 2, 5), f(3, 2, 3)),
    "convTranspose1d: input [1,2,5] with 1 group(s) needs a weight [2, outputs / groups, kernel] with 2 divisible by groups, got [3,2,3]",
  ],
  [
    () => convTranspose1d(f(1, 2, 5), f(2, 2, 3), undefined, { stride: 2, outputPadding: 2 }),
    "convTranspose1d: outputPadding is 2; give less than the stride, 2",
  ],
  [
    () => convTranspose1d(f(1, 2, 1), f(2, 2, 3), undefined, { padding: 2 }),
    "convTranspose1d: padding 2 leaves nothing of input [1,2,1] with weight [2,2,3]",
  ],
  [() => sum(f(2, 3), 2), "sum: axis 2 of shape [2,3] does not exist; give -2 to 1"],
  [() => softmax(f(2), 1), "softmax: axis 1 of shape [2] does not exist; give -1 to 0"],
  [() => cumsum(f(2), -2), "cumsum: axis -2 of shape [2] does not exist; give -1 to 0"],
  [() => argmax(f(2), 1), "argmax: axis 1 of shape [2] does not exist; give -1 to 0"],
  [() => topK(f(2, 3), 4), "topK: k is 4; the last axis of [2,3] allows 1 to 3"],
  [
    () => takeAlong(f(2, 3), ints(3, 1), 1),
    "takeAlong: shapes [2,3] and [3,1] differ beside axis 1; expand the indices first",
  ],
  [
    () => scatterAdd(f(2, 3), ints(2, 1), f(2, 2), 1),
    "scatterAdd: indices [2,1] and updates [2,2] must have one shape",
  ],
  [
    () => reshape(f(2, 3), [4, -1]),
    "reshape: float32[2,3] has 6 elements, shape [4,-1] does not; give axes whose product is 6",
  ],
  [
    () => transpose(f(2, 3), [0, 0]),
    "transpose: perm [0,0] of shape [2,3] must name each axis 0 to 1 once",
  ],
  [
    () => expand(f(2, 3), [2, 4]),
    "expand: shape [2,3] does not expand to [2,4]; only axes of length 1 can grow",
  ],
  [() => squeeze(f(2, 3), 1), "squeeze: axis 1 of shape [2,3] is not 1; only such an axis can go"],
  [() => concat([], 0), "concat: the list is empty; give at least one tensor"],
  [
    () => concat([f(2, 3), f(2, 4)], 0),
    "concat: shapes [2,3] and [2,4] differ beside axis 0; make them equal there",
  ],
  [
    () => split(f(2, 5), 2, 1),
    "split: axis 1 of shape [2,5] does not split into 2 equal parts; give sizes >= 0 whose sum is 5",
  ],
  [
    () => split(f(5), [7, -2], 0),
    "split: axis 0 of shape [5] does not split into [7,-2]; give sizes >= 0 whose sum is 5",
  ],
  [
    () => split(f(5), [2, 2], 0),
    "split: axis 0 of shape [5] does not split into [2,2]; give sizes >= 0 whose sum is 5",
  ],
  [
    () => slice(f(5), { axis: 0, start: 3, end: 7 }),
    "slice: 3 to 7 is not within axis 0 of shape [5]; give 0 <= start <= end <= 5",
  ],
  [
    () => pad(f(2, 3), [[1, 1]]),
    "pad: amounts [[1,1]] for shape [2,3]; give one [before, after] of whole numbers >= 0 an axis",
  ],
  [
    () => pad(f(3), [[0.5, 0.5]]),
    "pad: amounts [[0.5,0.5]] for shape [3]; give one [before, after] of whole numbers >= 0 an axis",
  ],
  [
    () => pad(f(3), [[3, 0]], { mode: "reflect" }),
    "pad: reflection by [3, 0] of axis 0 of shape [3] needs at least 4 elements",
  ],
  [() => resize(f(1, 1, 3), 0, "linear"), "resize: length 0; give a whole number >= 1"],
  [
    () => layerNorm(f(2, 3), f(2), f(3)),
    "layerNorm: input [2,3] needs weight and bias [3], got [2]",
  ],
  [() => rmsNorm(f(2, 3), f(2)), "rmsNorm: input [2,3] needs weight and bias [3], got [2]"],
  [
    () => groupNorm(f(1, 3, 2), 2, f(3), f(3)),
    "groupNorm: 3 channels of [1,3,2] do not form 2 groups",
  ],
  [
    () => attention(f(1, 1, 2, 3), f(1, 1, 2, 4), f(1, 1, 2, 3)),
    "attention: q [1,1,2,3], k [1,1,2,4], v [1,1,2,3] must be [batch, heads, time, dim], q and k of one dim, k and v of one time",
  ],
  [
    () => attention(f(1, 1, 3, 4), f(1, 1, 2, 4), f(1, 1, 2, 4), { causal: true }),
    "attention: causal with 3 queries and 2 keys leaves the first without any; give as many keys, or more",
  ],
  [
    () => crossEntropy(f(2, 3), ints(3)),
    "crossEntropy: logits [2,3] need targets [2], got [3]; classes are the last axis",
  ],
  [
    () => dropout(f(2, 3), 0.5, f(3)),
    "dropout: x is [2,3], the random numbers [3]; give one for each element",
  ],
])("%s is refused for its shape", (operation, message) => {
  expect(operation).toThrow(new ShapeError(message));
});

test.each<[() => unknown, string]>([
  [
    () => add(f(2), ints(2)),
    'add: operands are float32[2] and int32[2]; cast one of them, e.g. cast(x, "float32")',
  ],
  [() => mul(ints(2), 0.5), "mul: 0.5 is no int32; cast the tensor first"],
  [() => less(300, zeros([2], "uint8")), "less: 300 is no uint8; cast the tensor first"],
  [() => equal(bools(2), 2), "equal: 2 is no bool; cast the tensor first"],
  [() => add(bools(2), bools(2)), 'add: operand is bool[2]; give numbers, e.g. cast(x, "float32")'],
  [() => neg(bools(2)), 'neg: operand is bool[2]; give numbers, e.g. cast(x, "float32")'],
  [() => exp(ints(2)), 'exp: operand is int32[2]; give floating point, e.g. cast(x, "float32")'],
  [() => not(f(2)), "not: operand is float32[2]; give a bool tensor, e.g. notEqual(x, 0)"],
  [
    () => and(bools(2), f(2)),
    'and: operands are bool[2] and float32[2]; cast one of them, e.g. cast(x, "bool")',
  ],
  [
    () => where(ints(2), f(2), 0),
    "where: operand is int32[2]; give a bool tensor, e.g. notEqual(x, 0)",
  ],
  [
    () => matmul(f(2, 2), zeros([2, 2], "float16")),
    'matmul: operands are float32[2,2] and float16[2,2]; cast one of them, e.g. cast(x, "float32")',
  ],
  [
    () => conv1d(f(1, 2, 3), zeros([1, 2, 3], "float16")),
    'conv1d: operands are float32[1,2,3] and float16[1,2,3]; cast one of them, e.g. cast(x, "float32")',
  ],
  [
    () => layerNorm(f(2), zeros([2], "float16"), f(2)),
    'layerNorm: operands are float32[2] and float16[2]; cast one of them, e.g. cast(x, "float32")',
  ],
  [() => mean(ints(2)), 'mean: operand is int32[2]; give floating point, e.g. cast(x, "float32")'],
  [() => sum(bools(2)), 'sum: operand is bool[2]; give numbers, e.g. cast(x, "float32")'],
  [
    () => gather(f(2), f(1)),
    'gather: indices are float32[1]; give int32 (or int64), e.g. cast(x, "int32")',
  ],
  [
    () => scatterAdd(f(2), ints(1), ints(1), 0),
    "scatterAdd: float32[2] cannot take updates int32[1]; cast them",
  ],
  [
    () => concat([f(2), ints(2)], 0),
    "concat: tensors are float32[2] and int32[2]; cast them to one dtype",
  ],
  [
    () => crossEntropy(f(2, 3), f(2)),
    'crossEntropy: targets are float32[2]; give int32, e.g. cast(x, "int32")',
  ],
])("%s is refused for its dtype", (operation, message) => {
  expect(operation).toThrow(new DTypeError(message));
});

test.each<[() => unknown, string]>([
  [() => dropout(f(2), 1, f(2)), "dropout: rate is 1; give 0 to below 1"],
  [
    () => crossEntropy(f(2, 3), ints(2), { labelSmoothing: 2 }),
    "crossEntropy: labelSmoothing is 2; give 0 to 1",
  ],
])("%s is refused for its setting", (operation, message) => {
  expect(operation).toThrow(new RangeError(message));
});

test("without random numbers there is no dropout", () => {
  const x = f(2);
  expect(dropout(x, 0.5, undefined)).toBe(x);
});
