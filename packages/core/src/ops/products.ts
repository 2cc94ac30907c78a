import { operator } from "../graph.js";
import { groupedConvolution } from "../grouped-convolution.js";
import { requireSameDType } from "../operands.js";
import { matrixOf, productOf } from "../own-product.js";
import { broadcastShapes, lengthOf, ShapeError, sameShape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { transposedConvolution } from "../transposed-convolution.js";
import { add } from "./arithmetic.js";
import { pad, reshape, slice, split, transpose } from "./layout.js";

/**
 * Matrix product of the last two axes; the axes before them broadcast.
 *
 * @param options.transposeA Swap the last two axes of `a` first; on CPU this costs nothing. Likewise B.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  options: { transposeA?: boolean; transposeB?: boolean } = {},
): Tensor {
  if (a.rank < 2 || b.rank < 2)
    throw new ShapeError(
      `matmul: shapes [${a.shape}] and [${b.shape}]; give two axes or more, e.g. reshape a vector to [1, n]`,
    );
  requireSameDType("matmul", a, b);
  const x = options.transposeA ? transpose(a) : a;
  const y = options.transposeB ? transpose(b) : b;
  if (x.shape.at(-1) !== y.shape.at(-2))
    throw new ShapeError(
      `matmul: shapes [${x.shape}] and [${y.shape}]: ${x.shape.at(-1)} columns do not meet ${y.shape.at(-2)} rows; make them equal, e.g. with transposeB`,
    );
  const own = productOf(b);
  if (own) return own(x, options.transposeB ?? false);
  const batch = broadcastShapes("matmul", x.shape.slice(0, -2), y.shape.slice(0, -2));
  const shape = [...batch, lengthOf(x.shape, -2), lengthOf(y.shape, -1)];
  return operator("MatMul", [x, y], {}, a.dtype, shape);
}

/** x · weightᵀ + bias, as PyTorch's `nn.Linear`. @param weight [out, in]. @param bias [out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  requireBias("linear", bias, lengthOf(weight.shape, 0));
  const y = matmul(x, weight, { transposeB: true });
  return bias ? add(y, bias) : y;
}

/** Of a convolution; a number means the same for every spatial axis. */
export interface ConvOptions {
  /** Default 1. */
  readonly stride?: number | readonly number[];
  /** Zeros on both sides; default 0. */
  readonly padding?: number | readonly number[];
  /** Default 1. */
  readonly dilation?: number | readonly number[];
  /** Default 1. */
  readonly groups?: number;
}

/** An option's value for each spatial axis, whole numbers from `least`. */
function perAxis(
  name: string,
  value: number | readonly number[],
  axes: number,
  least: number,
): readonly number[] {
  const values = typeof value === "number" ? Array<number>(axes).fill(value) : value;
  if (values.length !== axes || !values.every((n) => Number.isInteger(n) && n >= least))
    throw new ShapeError(
      `${name} is [${values}]; give a whole number >= ${least}, or one for each of ${axes} axes`,
    );
  return values;
}

function convolution(
  op: string,
  axes: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvOptions,
): Tensor {
  const { groups = 1 } = options;
  const strides = perAxis(`${op}: stride`, options.stride ?? 1, axes, 1);
  const padding = perAxis(`${op}: padding`, options.padding ?? 0, axes, 0);
  const dilations = perAxis(`${op}: dilation`, options.dilation ?? 1, axes, 1);
  const [B, C, ...lengths] = x.shape;
  const [O, I, ...kernel] = weight.shape;
  if (B === undefined || O === undefined || lengths.length !== axes || kernel.length !== axes)
    throw new ShapeError(
      `${op}: input [${x.shape}] and weight [${weight.shape}] must have ${axes + 2} axes each`,
    );
  if (C !== (I ?? 0) * groups || O % groups !== 0)
    throw new ShapeError(
      `${op}: input [${x.shape}] with ${groups} group(s) needs a weight [outputs, ${(C ?? 0) / groups}, …kernel] with outputs divisible by groups, got [${weight.shape}]`,
    );
  const out = lengths.map((n, i) => {
    const reach = (dilations[i] ?? 1) * ((kernel[i] ?? 1) - 1) + 1;
    return Math.floor((n + 2 * (padding[i] ?? 0) - reach) / (strides[i] ?? 1)) + 1;
  });
  if (out.some((n) => n < 1))
    throw new ShapeError(
      `${op}: input [${x.shape}] is shorter than the kernel of [${weight.shape}]; pad it first`,
    );
  requireSameDType(op, x, weight, ...(bias ? [bias] : []));
  requireBias(op, bias, O);
  const matrix = matrixOf(weight);
  if (matrix && groups === 1 && strides.every((stride) => stride === 1))
    return rowConvolution(x, matrix, bias, {
      positions: kernel[0] ?? 1,
      padding: padding[0] ?? 0,
      dilation: dilations[0] ?? 1,
      length: out[0] ?? 1,
    });
  const attributes = { strides, pads: [...padding, ...padding], dilations, group: groups };
  return groupedConvolution(x, weight, bias, attributes, [B, O, ...out]);
}

/**
 * `conv1d` without stride by a matrix in place of a kernel, [channels, positions · outputs]: one product of all rows,
 * whose results are then added up where each belongs.
 *
 * @param size.length Of the result, [batch, outputs, length].
 */
function rowConvolution(
  x: Tensor,
  matrix: Tensor,
  bias: Tensor | undefined,
  size: {
    readonly positions: number;
    readonly padding: number;
    readonly dilation: number;
    readonly length: number;
  },
): Tensor {
  const { positions, padding, dilation, length } = size;
  const rows = pad(transpose(x), [
    [0, 0],
    [padding, padding],
    [0, 0],
  ]);
  const products = split(matmul(rows, matrix), positions, 2) as Tensor[]; // [batch, time, outputs] each
  const y = products
    .map((part, i) => slice(part, { axis: 1, start: i * dilation, end: i * dilation + length }))
    .reduce((sum, part) => add(sum, part));
  return transpose(bias ? add(y, bias) : y);
}

function requireBias(op: string, bias: Tensor | undefined, outputs: number): void {
  if (bias && !sameShape(bias.shape, [outputs]))
    throw new ShapeError(`${op}: bias must be [${outputs}], got [${bias.shape}]`);
}

function addBias(y: Tensor, bias: Tensor | undefined): Tensor {
  if (!bias) return y;
  return add(y, reshape(bias, [-1, ...Array<number>(y.rank - 2).fill(1)]));
}

/** Cross-correlation over time. @param x [batch, channels, time]. @param weight [outputs, channels / groups, kernel]. */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvOptions = {},
): Tensor {
  return convolution("conv1d", 1, x, weight, bias, options);
}

/** Cross-correlation over two axes. @param x [batch, channels, height, width]. @param weight [outputs, channels / groups, kernel, kernel]. */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvOptions = {},
): Tensor {
  return convolution("conv2d", 2, x, weight, bias, options);
}

/**
 * The transpose of `conv1d`, which spreads each sample over a kernel.
 *
 * @param x [batch, channels, time].
 * @param weight [channels, outputs / groups, kernel].
 * @returns [batch, outputs, (time - 1) · stride - 2 · padding + dilation · (kernel - 1) + outputPadding + 1].
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvOptions & { readonly outputPadding?: number } = {},
): Tensor {
  const { groups = 1, outputPadding = 0 } = options;
  const [stride = 1] = perAxis("convTranspose1d: stride", options.stride ?? 1, 1, 1);
  const [padding = 0] = perAxis("convTranspose1d: padding", options.padding ?? 0, 1, 0);
  const [dilation = 1] = perAxis("convTranspose1d: dilation", options.dilation ?? 1, 1, 1);
  const [B = 1, C = 0, T = 0] = x.shape;
  const [I = 0, O = 0, K = 0] = weight.shape;
  if (x.rank !== 3 || weight.rank !== 3 || C !== I || C % groups !== 0)
    throw new ShapeError(
      `convTranspose1d: input [${x.shape}] with ${groups} group(s) needs a weight [${C}, outputs / groups, kernel] with ${C} divisible by groups, got [${weight.shape}]`,
    );
  if (outputPadding >= stride)
    throw new ShapeError(
      `convTranspose1d: outputPadding is ${outputPadding}; give less than the stride, ${stride}`,
    );
  requireSameDType("convTranspose1d", x, weight, ...(bias ? [bias] : []));
  requireBias("convTranspose1d", bias, O * groups);
  const length = (T - 1) * stride - 2 * padding + dilation * (K - 1) + outputPadding + 1;
  if (length < 1)
    throw new ShapeError(
      `convTranspose1d: padding ${padding} leaves nothing of input [${x.shape}] with weight [${weight.shape}]`,
    );
  const attributes = {
    strides: [stride],
    pads: [padding, padding],
    dilations: [dilation],
    group: groups,
    output_padding: [outputPadding],
  };
  const y = transposedConvolution(x, weight, attributes, [B, O * groups, length]);
  return addBias(y, bias);
}
