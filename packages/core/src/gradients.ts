import { literal } from "./create-tensor.js";
import { isFloat } from "./dtype.js";
import type { Node, Op } from "./graph.js";
import { nodeOf, operator } from "./graph.js";
import { groupedConvolution } from "./grouped-convolution.js";
import {
  add,
  cast,
  cos,
  div,
  equal,
  erf,
  exp,
  greater,
  log,
  mul,
  neg,
  pow,
  sigmoid,
  sin,
  square,
  sub,
  where,
} from "./ops/arithmetic.js";
import { scatterAdd, takeAlong } from "./ops/indexing.js";
import { concat, constant, expand, pad, reshape, slice, split, transpose } from "./ops/layout.js";
import { matmul } from "./ops/products.js";
import { mean, sum, sumTo } from "./ops/reductions.js";
import { lengthOf, type Shape, sizeOf } from "./shape.js";
import type { Tensor } from "./tensor.js";
import { transposedConvolution } from "./transposed-convolution.js";

/** A gradient for each input of the operator; undefined where none flows. */
export type InputGradients = readonly (Tensor | undefined)[];

/**
 * From the gradients of an operator's outputs to those of its inputs.
 *
 * @param node Its inputs and outputs may be used.
 * @param dy Gradient of the first output. @param all Those of all outputs; undefined where none arrived.
 */
type Gradient<O extends Op> = (
  node: Node<O>,
  dy: Tensor,
  all: readonly (Tensor | undefined)[],
) => InputGradients;

/** The rule of an operator with one input: the gradient from dy, the input x and the output y. */
function local<O extends Op>(rule: (dy: Tensor, x: Tensor, y: Tensor) => Tensor): Gradient<O> {
  return ({ inputs: [x], outputs: [y] }, dy) => [rule(dy, x as Tensor, y as Tensor)];
}

/** The rule of an operator with two inputs that broadcast. */
function broadcast<O extends Op>(
  rule: (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor],
): Gradient<O> {
  return ({ inputs: [a, b], outputs: [y] }, dy) => {
    const [da, db] = rule(dy, a as Tensor, b as Tensor, y as Tensor);
    return [sumTo(da, (a as Tensor).shape), sumTo(db, (b as Tensor).shape)];
  };
}

/** Whole numbers and truth values have no gradient. */
const none = (): InputGradients => [];

/** dy to the operand that was larger; halves to both where they are equal. */
function toLarger(dy: Tensor, a: Tensor, b: Tensor): readonly [Tensor, Tensor] {
  const aWins = cast(greater(a, b), dy.dtype);
  const share = add(aWins, mul(cast(equal(a, b), dy.dtype), 0.5));
  const da = mul(dy, share);
  return [da, sub(dy, da)];
}

/** The gradient rule of every operator: one that is missing does not compile. */
export const gradients: { readonly [O in Op]: Gradient<O> } = {
  Add: broadcast((dy) => [dy, dy]),
  Sub: broadcast((dy) => [dy, neg(dy)]),
  Mul: broadcast((dy, a, b) => [mul(dy, b), mul(dy, a)]),
  Div: broadcast((dy, _, b, y) => [div(dy, b), neg(div(mul(dy, y), b))]),
  Pow: broadcast((dy, a, b, y) => [
    mul(dy, mul(b, pow(a, where(equal(b, 0), 0, sub(b, 1))))), // 0 at b = 0, where a may be 0.
    mul(dy, mul(y, log(a))),
  ]),
  Max: broadcast(toLarger),
  Min: broadcast((dy, a, b) => toLarger(dy, b, a)),
  Equal: none,
  Greater: none,
  GreaterOrEqual: none,
  And: none,
  Not: none,
  Where: ({ inputs }, dy) => {
    const [condition, a, b] = inputs as readonly [Tensor, Tensor, Tensor];
    return [
      undefined,
      sumTo(where(condition, dy, 0), a.shape),
      sumTo(where(condition, 0, dy), b.shape),
    ];
  },

  Neg: local((dy) => neg(dy)),
  Abs: local((dy, x) => mul(dy, sub(cast(greater(x, 0), dy.dtype), cast(greater(0, x), dy.dtype)))),
  Exp: local((dy, _, y) => mul(dy, y)),
  Log: local((dy, x) => div(dy, x)),
  Sqrt: local((dy, _, y) => div(mul(dy, 0.5), y)),
  Reciprocal: local((dy, _, y) => neg(mul(dy, square(y)))),
  Sin: local((dy, x) => mul(dy, cos(x))),
  Cos: local((dy, x) => neg(mul(dy, sin(x)))),
  Tanh: local((dy, _, y) => mul(dy, sub(1, square(y)))),
  Sigmoid: local((dy, _, y) => mul(dy, mul(y, sub(1, y)))),
  Erf: local((dy, x) => mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))),
  Floor: none,
  Relu: local((dy, _, y) => mul(dy, cast(greater(y, 0), dy.dtype))),
  LeakyRelu: ({ inputs: [x], attributes: { alpha } }, dy) => [
    where(greater(x as Tensor, 0), dy, mul(dy, alpha)),
  ],
  Gelu: ({ inputs: [input], attributes }, dy) => {
    const x = input as Tensor;
    if (attributes.approximate === "none") {
      const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      const share = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
      return [mul(dy, add(share, mul(x, density)))];
    }
    // y = x · s with s = sigmoid(2 u), u = c (x + 0.044715 x³): dy/dx = s + x · s (1 - s) · 2 u'.
    const c = Math.sqrt(2 / Math.PI);
    const x2 = square(x);
    const s = sigmoid(mul(x, add(mul(x2, 2 * c * 0.044715), 2 * c)));
    const slope = add(mul(x2, 6 * c * 0.044715), 2 * c);
    return [mul(dy, mul(s, add(mul(mul(x, slope), sub(1, s)), 1)))];
  },
  Cast: ({ inputs: [x] }, dy) => [
    isFloat((x as Tensor).dtype) ? cast(dy, (x as Tensor).dtype) : undefined,
  ],

  MatMul: ({ inputs }, dy) => {
    const [a, b] = inputs as readonly [Tensor, Tensor];
    const da = matmul(dy, b, { transposeB: true });
    if (b.rank > 2) {
      const db = matmul(a, dy, { transposeA: true });
      return [sumTo(da, a.shape), sumTo(db, b.shape)];
    }
    // One product over all rows of the batch instead of one an item, and no sum after it.
    const rows = (t: Tensor): Tensor => reshape(t, [-1, lengthOf(t.shape, -1)]);
    // Of a transposed matrix it is made as the transpose of the matrix's own: the two then cancel.
    if (nodeOf(b)?.op === "Transpose")
      return [da, transpose(matmul(rows(dy), rows(a), { transposeA: true }))];
    return [da, matmul(rows(a), rows(dy), { transposeA: true })];
  },
  QuantizeLinear: none,
  MatMulIntegerToFloat: none,
  MatMulNBits: none,
  Conv: ({ inputs, attributes }, dy) => {
    const [x, w, bias] = inputs as readonly [Tensor, Tensor, Tensor?];
    const besideChannels = dy.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    return [
      convInputGradient(x.shape, w, dy, attributes),
      convWeightGradient(x, w.shape, dy, attributes),
      ...(bias ? [sum(dy, besideChannels)] : []),
    ];
  },
  ConvTranspose: ({ inputs, attributes }, dy) => {
    // The transpose of a convolution from dy's space to x's: its input gradient is that convolution,
    // and its weight gradient is the convolution's with the roles of x and dy swapped.
    const [x, w] = inputs as readonly [Tensor, Tensor];
    const { output_padding: _, ...conv } = attributes;
    return [
      groupedConvolution(dy, w, undefined, conv, x.shape),
      convWeightGradient(dy, w.shape, x, conv),
    ];
  },

  ReduceSum: local((dy, x) => expand(dy, x.shape)),
  ReduceMean: local((dy, x, y) => expand(mul(dy, y.size / x.size), x.shape)),
  ReduceMax: ({ inputs: [input], outputs: [y], attributes }, dy) => {
    const x = input as Tensor;
    const largest = cast(equal(x, y as Tensor), dy.dtype);
    return [mul(div(dy, sum(largest, attributes.axes, { keepDims: true })), largest)];
  },
  TopK: ({ inputs: [x], outputs: [, indices], attributes: { axis } }, dy) => [
    scatterAdd(constant(0, x as Tensor), indices as Tensor, dy, axis),
  ],
  CumSum: ({ attributes: { axis, reverse } }, dy) => [
    operator("CumSum", [dy], { axis, reverse: !reverse }, dy.dtype, dy.shape),
  ],
  Softmax: ({ outputs: [output], attributes: { axis } }, dy) => {
    const y = output as Tensor;
    const weighted = mul(dy, y);
    return [sub(weighted, mul(y, sum(weighted, axis, { keepDims: true })))];
  },
  LayerNormalization: ({ inputs, outputs }, dy, [, dCentre, dInverse]) => {
    const [x, scale, bias] = inputs as readonly [Tensor, Tensor, Tensor];
    const [, centre, inverse] = outputs as readonly [Tensor, Tensor, Tensor];
    const wide = (t: Tensor): Tensor => cast(t, "float32"); // As centre and inverse are, for float16 too.
    const rowMean = (t: Tensor): Tensor => mean(t, -1, { keepDims: true });
    const normal = mul(sub(wide(x), centre), inverse);
    const d = mul(wide(dy), wide(scale));
    const along = mul(normal, rowMean(mul(d, normal)));
    let dx = mul(sub(sub(d, rowMean(d)), along), inverse);
    // The gradient of this gradient reads centre and inverse, so they have gradients as well.
    const n = lengthOf(x.shape, -1);
    if (dCentre) dx = add(dx, div(dCentre, n));
    if (dInverse) dx = sub(dx, div(mul(mul(dInverse, square(inverse)), normal), n));
    return [
      cast(dx, x.dtype),
      cast(sumTo(mul(wide(dy), normal), scale.shape), scale.dtype),
      sumTo(dy, bias.shape),
    ];
  },

  Gather: ({ inputs, attributes: { axis } }, dy) => {
    const [x, indices] = inputs as readonly [Tensor, Tensor];
    // All axes before, the indexed one, and all after, as three; then scatter along the middle.
    const before = sizeOf(x.shape.slice(0, axis));
    const after = sizeOf(x.shape.slice(axis + 1));
    const flat = [before, indices.size, after];
    const middle = expand(reshape(indices, [1, -1, 1]), flat);
    const table = constant(0, { dtype: dy.dtype, shape: [before, lengthOf(x.shape, axis), after] });
    return [reshape(scatterAdd(table, middle, reshape(dy, flat), 1), x.shape)];
  },
  GatherElements: ({ inputs, attributes: { axis } }, dy) => {
    const [x, indices] = inputs as readonly [Tensor, Tensor];
    return [scatterAdd(constant(0, x), indices, dy, axis)];
  },
  ScatterElements: ({ inputs, attributes: { axis } }, dy) => [
    dy,
    undefined,
    takeAlong(dy, inputs[1] as Tensor, axis),
  ],

  Concat: ({ inputs, attributes: { axis } }, dy) =>
    split(
      dy,
      inputs.map((x) => lengthOf(x.shape, axis)),
      axis,
    ),
  Split: ({ outputs, attributes: { axis } }, _, all) => [
    concat(
      outputs.map((output, i) => all[i] ?? constant(0, output)),
      axis,
    ),
  ],
  Slice: ({ inputs: [input], attributes: { axis, start, end } }, dy) => {
    const x = input as Tensor;
    const amounts = x.shape.map((n, i): [number, number] =>
      i === axis ? [start, n - end] : [0, 0],
    );
    return [pad(dy, amounts)];
  },
  Pad: ({ inputs: [input], attributes: { pads } }, dy) => {
    const x = input as Tensor;
    const crop = (y: Tensor, axis: number): Tensor => {
      const start = pads[axis] ?? 0;
      return slice(y, { axis, start, end: start + lengthOf(x.shape, axis) });
    };
    return [x.shape.reduce((y, _, axis) => crop(y, axis), dy)];
  },
  Reshape: local((dy, x) => reshape(dy, x.shape)),
  Transpose: ({ attributes: { perm } }, dy) => [
    transpose(
      dy,
      perm.map((_, i) => perm.indexOf(i)),
    ),
  ],
  Expand: local((dy, x) => sumTo(dy, x.shape)),
  Identity: local((dy) => dy),
  WithGradient: ({ attributes: { backward } }, dy) => [undefined, ...backward(dy)],
};

type Convolution = Node<"Conv">["attributes"];

/** The gradient of a convolution's input: the transposed convolution of dy. */
function convInputGradient(shape: Shape, w: Tensor, dy: Tensor, conv: Convolution): Tensor {
  const kernel = w.shape.slice(2);
  const axes = kernel.length;
  const reach = kernel.map((n, i) => (conv.dilations[i] ?? 1) * (n - 1));
  const pads = conv.pads.map((amount, i) => (reach[i % axes] ?? 0) - amount);
  if (conv.strides.every((stride) => stride === 1) && pads.every((amount) => amount >= 0)) {
    // Without strides it is a convolution too, with the kernel reversed: twice as fast on CPU.
    return groupedConvolution(dy, reversed(w, conv.group), undefined, { ...conv, pads }, shape);
  }
  const output_padding = conv.strides.map((stride, i) => {
    const around = (conv.pads[i] ?? 0) + (conv.pads[axes + i] ?? 0);
    const least = (lengthOf(dy.shape, 2 + i) - 1) * stride - around + (reach[i] ?? 0) + 1;
    return lengthOf(shape, 2 + i) - least;
  });
  return transposedConvolution(dy, w, { ...conv, output_padding }, shape);
}

/** A convolution's weight with inputs and outputs of each group swapped, and the kernel back to front. */
function reversed(w: Tensor, groups: number): Tensor {
  const [O = 1, I = 1, ...kernel] = w.shape;
  const size = sizeOf(kernel);
  const grouped = reshape(w, [groups, O / groups, I, size]);
  const swapped = transpose(grouped, [0, 2, 1, 3]); // [groups, I, outputs, kernel]
  const flipped = concat(split(swapped, size, 3).reverse(), 3);
  return reshape(flipped, [groups * I, O / groups, ...kernel]);
}

/**
 * The gradient of a convolution's weight: x correlated with dy. For one kernel position it is a matrix
 * product over all batch items and times, of dy and the part of x that this position has met.
 *
 * @param shape Of the weight, [outputs, channels / groups, …kernel].
 */
function convWeightGradient(x: Tensor, shape: Shape, dy: Tensor, conv: Convolution): Tensor {
  const [O = 1, I = 1, ...kernel] = shape;
  const { strides, dilations, group: G } = conv;
  const lengths = dy.shape.slice(2);
  const ends = lengths.map((n, i) => {
    // Far enough for the last kernel position to be sliced by whole strides.
    const needed = ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + n * (strides[i] ?? 1);
    return Math.max(0, needed - lengthOf(x.shape, 2 + i) - (conv.pads[i] ?? 0));
  });
  const padded = pad(x, [
    [0, 0],
    [0, 0],
    ...ends.map((end, i): [number, number] => [conv.pads[i] ?? 0, end]),
  ]);
  // Channels first, once, so that what each position meets lies ready for the product.
  const times = lengths.map((_, i) => 2 + i);
  const channelsFirst = transpose(padded, [1, 0, ...times]); // [G · I, B, …times]
  const positions = indexSpace(kernel).map((position) =>
    position.reduce((part, k, i) => {
      const start = k * (dilations[i] ?? 1);
      const stride = strides[i] ?? 1;
      const end = start + (lengths[i] ?? 1) * stride;
      return everyNth(slice(part, { axis: 2 + i, start, end }), 2 + i, stride);
    }, channelsFirst),
  );
  // One product a group, of dy and all kernel positions of each channel: [G, outputs, channels · positions].
  const left = reshape(transpose(dy, [1, 0, ...times]), [G, O / G, -1]); // [G, outputs, B · times]
  const met = positions.map((part) => reshape(part, [G, I, 1, -1]));
  const right = reshape(concat(met, 2), [G, I * positions.length, -1]);
  return reshape(matmul(left, right, { transposeB: true }), shape);
}

/** All index tuples below `lengths`, the last running fastest. */
function indexSpace(lengths: readonly number[]): number[][] {
  return lengths.reduce<number[][]>(
    (tuples, n) => tuples.flatMap((tuple) => Array.from({ length: n }, (_, i) => [...tuple, i])),
    [[]],
  );
}

/** Elements 0, n, 2 n, … of an axis whose length n divides. */
function everyNth(x: Tensor, axis: number, n: number): Tensor {
  if (n === 1) return x;
  const rows = reshape(x, [...x.shape.slice(0, axis), -1, n, ...x.shape.slice(axis + 1)]);
  return reshape(
    slice(rows, { axis: axis + 1, end: 1 }),
    x.shape.with(axis, lengthOf(x.shape, axis) / n),
  );
}

/** A gradient of ones, to begin with. */
export function onesLike(x: Tensor): Tensor {
  return expand(literal(1, { dtype: x.dtype }), x.shape);
}
