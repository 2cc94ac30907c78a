import type { DType } from "../dtype.js";
import { type Attributes, type Op, operator } from "../graph.js";
import { type Operand, pair, requireBool, requireFloat, requireNumber } from "../operands.js";
import { broadcastShapes } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { withGradient } from "./rewire.js";

/** Operators without attributes. */
type PlainOp = { [O in Op]: [keyof Attributes[O]] extends [never] ? O : never }[Op];

function binary(name: string, op: PlainOp, a: Operand, b: Operand): Tensor {
  const { x, y, shape } = pair(name, a, b);
  requireNumber(name, x);
  return operator(op, [x, y], {}, x.dtype, shape);
}

function compare(name: string, op: PlainOp, a: Operand, b: Operand): Tensor {
  const { x, y, shape } = pair(name, a, b);
  return operator(op, [x, y], {}, "bool", shape);
}

function unary(name: string, op: PlainOp, x: Tensor): Tensor {
  requireFloat(name, x);
  return operator(op, [x], {}, x.dtype, x.shape);
}

/** a + b, broadcast. */
export const add = (a: Operand, b: Operand): Tensor => binary("add", "Add", a, b);
/** a - b, broadcast. */
export const sub = (a: Operand, b: Operand): Tensor => binary("sub", "Sub", a, b);
/** a · b, element by element, broadcast. */
export const mul = (a: Operand, b: Operand): Tensor => binary("mul", "Mul", a, b);
/** a / b, broadcast. */
export const div = (a: Operand, b: Operand): Tensor => binary("div", "Div", a, b);
/** a to the power of b, broadcast; the gradient for b needs a > 0. */
export const pow = (a: Operand, b: Operand): Tensor => binary("pow", "Pow", a, b);
/** The larger of a and b, broadcast; equals share the gradient. */
export const maximum = (a: Operand, b: Operand): Tensor => binary("maximum", "Max", a, b);
/** The smaller of a and b, broadcast; equals share the gradient. */
export const minimum = (a: Operand, b: Operand): Tensor => binary("minimum", "Min", a, b);

/** a = b as bool, broadcast. */
export const equal = (a: Operand, b: Operand): Tensor => compare("equal", "Equal", a, b);
/** a ≠ b as bool, broadcast. */
export const notEqual = (a: Operand, b: Operand): Tensor => not(compare("notEqual", "Equal", a, b));
/** a > b as bool, broadcast. */
export const greater = (a: Operand, b: Operand): Tensor => compare("greater", "Greater", a, b);
/** a ≥ b as bool, broadcast. */
export const greaterEqual = (a: Operand, b: Operand): Tensor =>
  compare("greaterEqual", "GreaterOrEqual", a, b);
/** a < b as bool, broadcast. */
export const less = (a: Operand, b: Operand): Tensor => compare("less", "Greater", b, a);
/** a ≤ b as bool, broadcast. */
export const lessEqual = (a: Operand, b: Operand): Tensor =>
  compare("lessEqual", "GreaterOrEqual", b, a);

/** Both of two bool tensors, broadcast. */
export function and(a: Tensor, b: Tensor): Tensor {
  requireBool("and", a);
  return compare("and", "And", a, b);
}

/** Not, of a bool tensor. */
export function not(x: Tensor): Tensor {
  requireBool("not", x);
  return operator("Not", [x], {}, "bool", x.shape);
}

/** Either of two bool tensors, broadcast. */
export const or = (a: Tensor, b: Tensor): Tensor => not(and(not(a), not(b))); // ONNX's Or is not on every device.

/** `a` where the condition holds, `b` elsewhere, broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  requireBool("where", condition);
  const { x, y, shape } = pair("where", a, b);
  const all = broadcastShapes("where", condition.shape, shape);
  return operator("Where", [condition, x, y], {}, x.dtype, all);
}

/** -x. */
export function neg(x: Tensor): Tensor {
  requireNumber("neg", x);
  return operator("Neg", [x], {}, x.dtype, x.shape);
}

/** |x|; the gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  requireNumber("abs", x);
  return operator("Abs", [x], {}, x.dtype, x.shape);
}

/** e to the power of x. */
export const exp = (x: Tensor): Tensor => unary("exp", "Exp", x);
/** Natural logarithm. */
export const log = (x: Tensor): Tensor => unary("log", "Log", x);
/** Square root. */
export const sqrt = (x: Tensor): Tensor => unary("sqrt", "Sqrt", x);
/** 1 / x. */
export const reciprocal = (x: Tensor): Tensor => unary("reciprocal", "Reciprocal", x);
/** x². */
export const square = (x: Tensor): Tensor => mul(x, x);
/** Sine of x in radians. */
export const sin = (x: Tensor): Tensor => unary("sin", "Sin", x);
/** Cosine of x in radians. */
export const cos = (x: Tensor): Tensor => unary("cos", "Cos", x);
/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => unary("tanh", "Tanh", x);
/** 1 / (1 + e^-x). */
export const sigmoid = (x: Tensor): Tensor => unary("sigmoid", "Sigmoid", x);
/** Gauss error function. */
export const erf = (x: Tensor): Tensor => unary("erf", "Erf", x);
/** The largest whole number not above x; no gradient. */
export const floor = (x: Tensor): Tensor => unary("floor", "Floor", x);
/** max(x, 0). */
export const relu = (x: Tensor): Tensor => unary("relu", "Relu", x);
/** x for x > 0, else slope · x. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  requireFloat("leakyRelu", x);
  return operator("LeakyRelu", [x], { alpha: slope }, x.dtype, x.shape);
}
/** x · sigmoid(x), also called swish. */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));
/** x held to low … high; the gradient at the bounds is 1. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  const isWithin = (): Tensor => and(greaterEqual(x, low), lessEqual(x, high));
  return withGradient(minimum(maximum(x, low), high), [x], (dy) => [where(isWithin(), dy, 0)]);
}

/** x · Φ(x): "exact" by erf (CLVP), "tanh" by GPT-2's approximation (`gelu_new`). */
export function gelu(x: Tensor, form: "exact" | "tanh"): Tensor {
  requireFloat("gelu", x);
  const approximate = form === "tanh" ? "tanh" : "none";
  return operator("Gelu", [x], { approximate }, x.dtype, x.shape);
}

/** The elements as another dtype; gradients flow between floating-point dtypes only. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : operator("Cast", [x], { to: dtype }, dtype, x.shape);
}
