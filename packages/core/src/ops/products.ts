import { DTypeError } from "../dtype.js";
import { operator } from "../graph.js";
import { broadcastShapes, lengthOf, type Shape, ShapeError } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add } from "./arithmetic.js";
import { reshape, transpose } from "./layout.js";

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
  if (a.dtype !== b.dtype)
    throw new DTypeError(`matmul: operands are ${a} and ${b}; cast one of them`);
  const x = options.transposeA ? transpose(a) : a;
  const y = options.transposeB ? transpose(b) : b;
  if (x.shape.at(-1) !== y.shape.at(-2))
    throw new ShapeError(
      `matmul: shapes [${x.shape}] and [${y.shape}]: ${x.shape.at(-1)} columns do not meet ${y.shape.at(-2)} rows`,
    );
  const batch = broadcastShapes("matmul", x.shape.slice(0, -2), y.shape.slice(0, -2));
  const shape = [...batch, lengthOf(x.shape, -2), lengthOf(y.shape, -1)];
  return operator("MatMul", [x, y], {}, a.dtype, shape);
}

/** x · weightᵀ + bias, as PyTorch's `nn.Linear`. @param weight [out, in]. @param bias [out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
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

function perAxis(value: number | readonly number[], axes: number): readonly number[] {
  return typeof value === "number" ? Array<number>(axes).fill(value) : value;
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
  const strides = perAxis(options.stride ?? 1, axes);
  const padding = perAxis(options.padding ?? 0, axes);
  const dilations = perAxis(options.dilation ?? 1, axes);
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
  const attributes = { strides, pads: [...padding, ...padding], dilations, group: groups };
  const y = operator("Conv", [x, weight], attributes, x.dtype, [B, O, ...out]);
  return addBias(y, bias);
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
  const [stride = 1] = perAxis(options.stride ?? 1, 1);
  const [padding = 0] = perAxis(options.padding ?? 0, 1);
  const [dilation = 1] = perAxis(options.dilation ?? 1, 1);
  const [B, C, T, ...more] = x.shape;
  const [I, O, K] = weight.shape;
  if (
    B === undefined ||
    T === undefined ||
    O === undefined ||
    K === undefined ||
    more.length > 0 ||
    C !== I
  )
    throw new ShapeError(
      `convTranspose1d: input [${x.shape}] needs a weight [${C}, outputs / groups, kernel], got [${weight.shape}]`,
    );
  const length = (T - 1) * stride - 2 * padding + dilation * (K - 1) + outputPadding + 1;
  const attributes = {
    strides: [stride],
    pads: [padding, padding],
    dilations: [dilation],
    group: groups,
    output_padding: [outputPadding],
  };
  const shape: Shape = [B, O * groups, length];
  return addBias(operator("ConvTranspose", [x, weight], attributes, x.dtype, shape), bias);
}
