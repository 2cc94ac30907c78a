/// <reference types="vite/client" />
import { expect, test } from "vitest";
import { gradients } from "../src/gradients.js";
import { operatorsFor } from "../src/graph.js";
import type { Tensor } from "../src/index.js";
import * as hb from "../src/index.js";
import { device } from "./device.js";
import { matchesTorch, references, tested } from "./matches-torch.js";

const rounds = { noSlope: "it rounds", toFloat16: true };
const kink = "the slope changes here";
// WebGPU promises no more: https://www.w3.org/TR/WGSL/#floating-point-accuracy
const trigonometry = device.name === "webgpu" ? { tolerance: 2 ** -10 } : {};
const byHand = "the gradient is not the slope, by design";

// Arithmetic.
matchesTorch("add", hb.add);
matchesTorch("add broadcast", hb.add);
matchesTorch("add int32", hb.add);
matchesTorch("add to a scalar tensor", hb.add);
matchesTorch("add the same tensor twice", (x) => hb.add(x, x));
matchesTorch("sub", hb.sub);
matchesTorch("sub broadcast", hb.sub);
matchesTorch("sub from a number", (x) => hb.sub(1, x));
matchesTorch("mul", hb.mul);
matchesTorch("mul broadcast", hb.mul);
matchesTorch("mul by a number", (x) => hb.mul(x, 0.3));
matchesTorch("mul int32 by a number", (x) => hb.mul(x, 3));
matchesTorch("div", hb.div);
matchesTorch("div broadcast", hb.div);
matchesTorch("div a number", (x) => hb.div(2, x));
matchesTorch("pow", hb.pow);
matchesTorch("pow of negatives by a number", (x) => hb.pow(x, 3));
matchesTorch("pow by zero", (x) => hb.pow(x, 0));
matchesTorch("maximum", hb.maximum);
matchesTorch("maximum of equals", hb.maximum, { noSlope: kink });
matchesTorch("minimum", hb.minimum);
matchesTorch("minimum of equals", hb.minimum, { noSlope: kink });
matchesTorch("neg", hb.neg);
matchesTorch("neg int32", hb.neg);
matchesTorch("abs", hb.abs);
matchesTorch("abs at zero", hb.abs, { noSlope: kink });
matchesTorch("exp", hb.exp);
matchesTorch("log", hb.log);
matchesTorch("sqrt", hb.sqrt);
matchesTorch("reciprocal", hb.reciprocal);
matchesTorch("square", hb.square);
matchesTorch("sin", hb.sin, trigonometry);
matchesTorch("cos", hb.cos, trigonometry);
matchesTorch("tanh", hb.tanh);
matchesTorch("tanh of large numbers", hb.tanh);
matchesTorch("sigmoid", hb.sigmoid);
matchesTorch("sigmoid of large numbers", hb.sigmoid);
matchesTorch("erf", hb.erf);
matchesTorch("floor", hb.floor);
matchesTorch("relu", hb.relu);
matchesTorch("relu at zero", hb.relu, { noSlope: kink });
matchesTorch("leakyRelu", (x) => hb.leakyRelu(x, 0.2));
matchesTorch("silu", hb.silu);
matchesTorch("gelu exact", (x) => hb.gelu(x, "exact"));
matchesTorch("gelu tanh", (x) => hb.gelu(x, "tanh"));
matchesTorch("clip", (x) => hb.clip(x, -0.1, 0.15));
matchesTorch("clip at its bounds", (x) => hb.clip(x, -0.5, 0.25), { noSlope: kink });

// Comparisons and choice.
matchesTorch("equal", hb.equal);
matchesTorch("equal int32", hb.equal);
matchesTorch("notEqual", hb.notEqual);
matchesTorch("notEqual int32", hb.notEqual);
matchesTorch("less", hb.less);
matchesTorch("less int32", hb.less);
matchesTorch("lessEqual", hb.lessEqual);
matchesTorch("lessEqual int32", hb.lessEqual);
matchesTorch("greater", hb.greater);
matchesTorch("greater int32", hb.greater);
matchesTorch("greaterEqual", hb.greaterEqual);
matchesTorch("greaterEqual int32", hb.greaterEqual);
matchesTorch("and", hb.and);
matchesTorch("or", hb.or);
matchesTorch("not", hb.not);
matchesTorch("where", hb.where);
matchesTorch("where beside a number", (c, x) => hb.where(c, 0, x));
matchesTorch("where int32", hb.where);
matchesTorch("cast to float16 and back", (x) => hb.cast(hb.cast(x, "float16"), "float32"), rounds);
matchesTorch("cast to int32", (x) => hb.cast(x, "int32"));
matchesTorch("cast to int64 and back", (x) => hb.cast(hb.cast(x, "int64"), "int32"));
matchesTorch("cast to uint8", (x) => hb.cast(x, "uint8"));
matchesTorch("cast to int8", (x) => hb.cast(x, "int8"));
matchesTorch("cast to bool", (x) => hb.cast(x, "bool"));
matchesTorch("cast bool to float32", (x) => hb.cast(x, "float32"));
matchesTorch("cast int32 to float32", (x) => hb.cast(x, "float32"));

// Products.
matchesTorch("matmul", (a, b) => hb.matmul(a, b));
matchesTorch("matmul transposeA", (a, b) => hb.matmul(a, b, { transposeA: true }));
matchesTorch("matmul transposeB", (a, b) => hb.matmul(a, b, { transposeB: true }));
matchesTorch("matmul both transposed", (a, b) =>
  hb.matmul(a, b, { transposeA: true, transposeB: true }),
);
matchesTorch("matmul batched", (a, b) => hb.matmul(a, b));
matchesTorch("matmul three axes by two", (a, b) => hb.matmul(a, b));
matchesTorch("matmul two axes by three", (a, b) => hb.matmul(a, b));
matchesTorch("matmul four axes transposeB", (a, b) => hb.matmul(a, b, { transposeB: true }));
matchesTorch("linear", hb.linear);
matchesTorch("linear without bias", hb.linear);
matchesTorch("conv1d", (x, w, b) => hb.conv1d(x, w, b));
matchesTorch("conv1d without bias", (x, w) => hb.conv1d(x, w));
matchesTorch("conv1d kernel 1", (x, w, b) => hb.conv1d(x, w, b));
matchesTorch("conv1d as long as its input", (x, w, b) => hb.conv1d(x, w, b));
matchesTorch("conv1d padding 2", (x, w, b) => hb.conv1d(x, w, b, { padding: 2 }));
matchesTorch("conv1d padding 3 kernel 2", (x, w, b) => hb.conv1d(x, w, b, { padding: 3 }));
matchesTorch("conv1d stride 2", (x, w, b) => hb.conv1d(x, w, b, { stride: 2 }));
matchesTorch("conv1d stride 3 leaves samples over", (x, w, b) => hb.conv1d(x, w, b, { stride: 3 }));
matchesTorch("conv1d stride 2 padding 1 even length", (x, w, b) =>
  hb.conv1d(x, w, b, { stride: 2, padding: 1 }),
);
matchesTorch("conv1d dilation 2", (x, w, b) => hb.conv1d(x, w, b, { dilation: 2, padding: 2 }));
matchesTorch("conv1d groups 2", (x, w, b) => hb.conv1d(x, w, b, { groups: 2 }));
matchesTorch("conv1d depthwise", (x, w, b) => hb.conv1d(x, w, b, { groups: 3 }));
matchesTorch("conv1d depthwise stride 2 two outputs each", (x, w, b) =>
  hb.conv1d(x, w, b, { stride: 2, groups: 2 }),
);
matchesTorch("conv1d stride 2 dilation 2 groups 2", (x, w, b) =>
  hb.conv1d(x, w, b, { stride: 2, dilation: 2, groups: 2, padding: 1 }),
);
matchesTorch("conv2d", (x, w, b) => hb.conv2d(x, w, b));
matchesTorch("conv2d stride 2 padding 1", (x, w, b) =>
  hb.conv2d(x, w, b, { stride: 2, padding: 1 }),
);
matchesTorch("conv2d pairs", (x, w, b) =>
  hb.conv2d(x, w, b, { stride: [1, 2], padding: [0, 2], dilation: [2, 1] }),
);
matchesTorch("conv2d groups 2", (x, w, b) => hb.conv2d(x, w, b, { groups: 2 }));
matchesTorch("convTranspose1d", (x, w, b) => hb.convTranspose1d(x, w, b));
matchesTorch("convTranspose1d stride 2 padding 1", (x, w, b) =>
  hb.convTranspose1d(x, w, b, { stride: 2, padding: 1 }),
);
matchesTorch("convTranspose1d outputPadding 1", (x, w, b) =>
  hb.convTranspose1d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
);
matchesTorch("convTranspose1d dilation 2", (x, w, b) =>
  hb.convTranspose1d(x, w, b, { dilation: 2, padding: 1 }),
);
matchesTorch("convTranspose1d groups 2", (x, w, b) => hb.convTranspose1d(x, w, b, { groups: 2 }));
matchesTorch("convTranspose1d with all options", (x, w, b) =>
  hb.convTranspose1d(x, w, b, { stride: 3, padding: 2, outputPadding: 2, dilation: 2, groups: 2 }),
);
matchesTorch("convTranspose1d without bias", (x, w) =>
  hb.convTranspose1d(x, w, undefined, { stride: 4 }),
);

// Reductions.
matchesTorch("sum", (x) => hb.sum(x));
matchesTorch("sum of an axis", (x) => hb.sum(x, 1));
matchesTorch("sum of two axes keepDims", (x) => hb.sum(x, [0, -1], { keepDims: true }));
matchesTorch("sum int32", (x) => hb.sum(x, 0));
matchesTorch("mean", (x) => hb.mean(x));
matchesTorch("mean of an axis", (x) => hb.mean(x, -2));
matchesTorch("max", (x) => hb.max(x));
matchesTorch("max of an axis", (x) => hb.max(x, 1));
matchesTorch("max of equals", (x) => hb.max(x, 1, { keepDims: true }), { noSlope: kink });
matchesTorch("min", (x) => hb.min(x));
matchesTorch("min of an axis", (x) => hb.min(x, 0));
matchesTorch("min of equals", (x) => hb.min(x, 1), { noSlope: kink });
matchesTorch("cumsum", (x) => hb.cumsum(x, -1));
matchesTorch("cumsum of the first axis", (x) => hb.cumsum(x, 0));
matchesTorch("softmax", (x) => hb.softmax(x));
matchesTorch("softmax of a middle axis", (x) => hb.softmax(x, 1));
matchesTorch("softmax of large numbers", (x) => hb.softmax(x));
matchesTorch("logSoftmax", (x) => hb.logSoftmax(x));
matchesTorch("logSoftmax of the first axis", (x) => hb.logSoftmax(x, 0));
matchesTorch("logSoftmax of large numbers", (x) => hb.logSoftmax(x));
matchesTorch("sumTo", (x) => hb.sumTo(x, [3, 1]));

// Losses and dropout.
matchesTorch("crossEntropy", (x, t) => hb.crossEntropy(x, t));
matchesTorch("crossEntropy sum", (x, t) => hb.crossEntropy(x, t, { reduction: "sum" }));
matchesTorch("crossEntropy none", (x, t) => hb.crossEntropy(x, t, { reduction: "none" }));
matchesTorch("crossEntropy ignoreIndex", (x, t) => hb.crossEntropy(x, t, { ignoreIndex: -1 }));
matchesTorch("crossEntropy ignoreIndex none", (x, t) =>
  hb.crossEntropy(x, t, { ignoreIndex: -1, reduction: "none" }),
);
matchesTorch("crossEntropy labelSmoothing", (x, t) =>
  hb.crossEntropy(x, t, { labelSmoothing: 0.1 }),
);
matchesTorch("crossEntropy labelSmoothing ignoreIndex", (x, t) =>
  hb.crossEntropy(x, t, { labelSmoothing: 0.2, ignoreIndex: -1 }),
);
matchesTorch("crossEntropy labelSmoothing ignoreIndex sum", (x, t) =>
  hb.crossEntropy(x, t, { labelSmoothing: 0.2, ignoreIndex: -1, reduction: "sum" }),
);
matchesTorch("crossEntropy of a batch", (x, t) => hb.crossEntropy(x, t));
matchesTorch("dropout", (x, u) => hb.dropout(x, 0.3, u));
matchesTorch("dropout of nothing", (x, u) => hb.dropout(x, 0, u));

// By index.
matchesTorch("gather", (x, i) => hb.gather(x, i));
matchesTorch("gather of a middle axis", (x, i) => hb.gather(x, i, 1));
matchesTorch("gather of the last axis", (x, i) => hb.gather(x, i, -1));
matchesTorch("gather one", (x, i) => hb.gather(x, i));
matchesTorch("gather by int64", (x, i) => hb.gather(x, i));
matchesTorch("gather int32", (x, i) => hb.gather(x, i));
matchesTorch("embedding", hb.embedding);
matchesTorch("takeAlong", (x, i) => hb.takeAlong(x, i, -1));
matchesTorch("takeAlong the first axis", (x, i) => hb.takeAlong(x, i, 0));
matchesTorch("scatterAdd", (x, i, u) => hb.scatterAdd(x, i, u, 1));
matchesTorch("scatterAdd to the first axis", (x, i, u) => hb.scatterAdd(x, i, u, 0));
matchesTorch("argmax", (x) => hb.argmax(x, -1));
matchesTorch("argmax of the first axis", (x) => hb.argmax(x, 0));
matchesTorch("topK", (x) => Object.values(hb.topK(x, 2)));
matchesTorch("topK of all", (x) => Object.values(hb.topK(x, 3)));
matchesTorch("iota", (x) => hb.add(x, hb.cast(hb.iota(3), x.dtype)));

// Layout.
matchesTorch("reshape", (x) => hb.reshape(x, [3, 2]));
matchesTorch("reshape with one length left open", (x) => hb.reshape(x, [-1, 4]));
matchesTorch("transpose", (x) => hb.transpose(x));
matchesTorch("transpose perm", (x) => hb.transpose(x, [2, 0, 1]));
matchesTorch("expand", (x) => hb.expand(x, [2, 3, 4]));
matchesTorch("expand int32", (x) => hb.expand(x, [2, 3]));
matchesTorch("squeeze", (x) => hb.squeeze(x, 1));
matchesTorch("unsqueeze", (x) => hb.unsqueeze(x, -1));
matchesTorch("concat", (x, y) => hb.concat([x, y], -1));
matchesTorch("concat the same tensor twice", (x) => hb.concat([x, x], 0));
matchesTorch("concat int32", (x, y) => hb.concat([x, y], 0));
matchesTorch("stack", (x, y) => hb.stack([x, y], 1));
matchesTorch("split", (x) => hb.split(x, 2, 1));
matchesTorch("split into unequal parts", (x) => hb.split(x, [1, 3, 2], -1));
matchesTorch("split of which one part is used", (x) => hb.split(x, [1, 3, 2], -1).slice(1, 2));
matchesTorch("split of which the first part is used", (x) => hb.split(x, 2, 0).slice(0, 1));
matchesTorch("split of which a part is used twice", (x) =>
  hb.split(x, 2, 0).slice(1).map(hb.square),
);
matchesTorch("slice", (x) => hb.slice(x, { axis: 1, start: 1, end: 3 }));
matchesTorch("slice from behind", (x) => hb.slice(x, { axis: 0, start: -3, end: -1 }));
matchesTorch("pad", (x) =>
  hb.pad(x, [
    [0, 1],
    [1, 2],
  ]),
);
matchesTorch("pad with a value", (x) =>
  hb.pad(
    x,
    [
      [0, 0],
      [0, 2],
    ],
    { value: -1.5 },
  ),
);
matchesTorch("pad reflect", (x) =>
  hb.pad(
    x,
    [
      [0, 0],
      [0, 0],
      [2, 1],
    ],
    { mode: "reflect" },
  ),
);
matchesTorch("pad reflect two axes", (x) =>
  hb.pad(
    x,
    [
      [0, 0],
      [2, 0],
      [1, 2],
    ],
    { mode: "reflect" },
  ),
);
matchesTorch("resize nearest to twice", (x) => hb.resize(x, 6, "nearest"));
matchesTorch("resize nearest up", (x) => hb.resize(x, 5, "nearest"));
matchesTorch("resize nearest down", (x) => hb.resize(x, 3, "nearest"));
matchesTorch("resize linear up", (x) => hb.resize(x, 7, "linear"));
matchesTorch("resize linear down", (x) => hb.resize(x, 3, "linear"));
matchesTorch("constant", (x) => hb.mul(hb.constant(2.5, x), x));

// Norms.
matchesTorch("layerNorm", (x, w, b) => hb.layerNorm(x, w, b));
matchesTorch("layerNorm epsilon", (x, w, b) => hb.layerNorm(x, w, b, { epsilon: 0.1 }));
matchesTorch("groupNorm", (x, w, b) => hb.groupNorm(x, 2, w, b));
matchesTorch("groupNorm one group", (x, w, b) => hb.groupNorm(x, 1, w, b, { epsilon: 0.1 }));
matchesTorch("rmsNorm", (x, w) => hb.rmsNorm(x, w));

// Attention.
matchesTorch("attention", (q, k, v) => hb.attention(q, k, v));
matchesTorch("attention causal", (q, k, v) => hb.attention(q, k, v, { causal: true }));
matchesTorch("attention scale", (q, k, v) => hb.attention(q, k, v, { scale: 0.1 }));
matchesTorch("attention mask", (q, k, v, mask) => hb.attention(q, k, v, { mask }));
matchesTorch("attention bias", (q, k, v, bias) => hb.attention(q, k, v, { bias }));
matchesTorch("attention past causal", (q, k, v, key, value) =>
  hb.attention(q, k, v, { past: { key, value }, causal: true }),
);
matchesTorch("attention with all options", (q, k, v, key, value, mask, bias) =>
  hb.attention(q, k, v, { past: { key, value }, causal: true, scale: 0.5, mask, bias }),
);

// Gradients by hand.
matchesTorch("stopGradient", (x) => hb.mul(x, hb.stopGradient(x)), { noSlope: byHand });
matchesTorch("straightThrough", (x) => hb.mul(hb.straightThrough(hb.floor(x), x), x), {
  noSlope: byHand,
});
matchesTorch(
  "withGradient",
  (x, y) => hb.withGradient(hb.mul(x, y), [x, y], (dy) => [hb.mul(dy, 2), undefined]),
  { noSlope: byHand },
);

// Gradients of gradients.
type Inner = (x: Tensor, ...rest: Tensor[]) => Tensor;
const gradient = (inner: Inner): Inner =>
  hb.grad((x: Tensor, ...rest: Tensor[]) => hb.sum(hb.square(inner(x, ...rest))));
matchesTorch("grad of tanh", gradient(hb.tanh));
matchesTorch(
  "grad of exp and log",
  gradient((x) => hb.add(hb.exp(x), hb.log(x))),
);
matchesTorch(
  "grad of gelu exact",
  gradient((x) => hb.gelu(x, "exact")),
);
matchesTorch(
  "grad of gelu tanh",
  gradient((x) => hb.gelu(x, "tanh")),
);
matchesTorch(
  "grad of softmax",
  gradient((x) => hb.softmax(x)),
);
matchesTorch(
  "grad of matmul",
  gradient((a, b) => hb.matmul(a, b, { transposeB: true })),
);
matchesTorch(
  "grad of conv1d",
  gradient((x, w) => hb.conv1d(x, w, undefined, { stride: 2, padding: 1 })),
);
matchesTorch(
  "grad of conv1d's weight",
  gradient((w, x) => hb.conv1d(x, w, undefined, { dilation: 2, groups: 2 })),
);
matchesTorch(
  "grad of convTranspose1d",
  gradient((x, w) => hb.convTranspose1d(x, w, undefined, { stride: 2 })),
);
matchesTorch(
  "grad of layerNorm",
  gradient((x, w, b) => hb.layerNorm(x, w, b)),
);
matchesTorch(
  "grad of crossEntropy",
  gradient((x, t) => hb.crossEntropy(x, t)),
);
matchesTorch(
  "grad of attention",
  gradient((q, k, v) => hb.attention(q, k, v)),
);

// Recomputation.
const layer = (x: Tensor, w: Tensor): Tensor => hb.tanh(hb.matmul(hb.tanh(hb.matmul(x, w)), w));
matchesTorch("checkpoint", hb.checkpoint(layer));
const inner = hb.checkpoint((x: Tensor, w: Tensor) => hb.tanh(hb.mul(x, w)));
matchesTorch(
  "checkpoint in checkpoint",
  hb.checkpoint((x, w) => hb.mul(inner(inner(x, w), w), w)),
);

// Matrices that are more than their elements.
matchesTorch("lowRankUpdate", (w, up, down) => hb.lowRankUpdate(w, up, down, 0.5));
matchesTorch("lowRankUpdate in matmul", (x, w, up, down) =>
  hb.matmul(x, hb.lowRankUpdate(w, up, down, 0.5)),
);
matchesTorch("lowRankUpdate in linear", (x, w, up, down) =>
  hb.linear(x, hb.lowRankUpdate(w, up, down, 0.5)),
);
const int8 = (...parts: readonly Tensor[]): Tensor => {
  const [values, scales, transposedValues, transposedScales] = parts as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  return hb.int8Matrix({ values, scales, transposedValues, transposedScales });
};
matchesTorch("int8Matrix", int8);
// The rows given have 8 bits; the gradients that come back do not.
const eighthBit = { tolerance: 0.01, noSlope: "it rounds" };
matchesTorch("int8Matrix in matmul", (x, ...m) => hb.matmul(x, int8(...m)), eighthBit);
matchesTorch("int8Matrix in linear", (x, ...m) => hb.linear(x, int8(...m)), eighthBit);

const block = (bits: 4 | 8, values?: Tensor, scales?: Tensor): Tensor =>
  hb.blockMatrix({ bits, rows: 33, values: values as Tensor, scales: scales as Tensor });
matchesTorch("blockMatrix", (...m) => block(4, ...m));
const frozen = { noSlope: "its scales are frozen" };
matchesTorch("blockMatrix in matmul", (x, ...m) => hb.matmul(x, block(4, ...m)), frozen);
matchesTorch("blockMatrix in linear", (x, ...m) => hb.linear(x, block(4, ...m)));
matchesTorch("blockMatrix of 8 bits in matmul", (x, ...m) => hb.matmul(x, block(8, ...m)), frozen);

test("every case of the reference file is tested", () => {
  expect([...tested.keys()].sort()).toEqual(Object.keys(references).sort());
});

test("every operation has a case: the first word of a test's name", () => {
  const files = import.meta.glob(["../src/ops/*.ts", "!**/*.test.ts"], { eager: true });
  const names = Object.values(files).flatMap((file) => Object.keys(file as object));
  const firstWords = [...tested.keys()].map((name) => name.split(" ")[0]);
  expect(firstWords).toEqual(expect.arrayContaining(names));
});

test("every operator that has a gradient rule is in some case", () => {
  const used = [...tested].flatMap(([name, operation]) => {
    const inputs = references[name]?.inputs ?? [];
    const made = operation(...inputs.map(({ dtype, shape }) => hb.zeros(shape, dtype as hb.DType)));
    return operatorsFor([made].flat()).map((node) => node.op);
  });
  expect([...new Set(used)].sort()).toEqual(Object.keys(gradients).sort());
});
