import type { DType } from "./dtype.js";
import type { Shape } from "./shape.js";
import { sourceOf, Tensor } from "./tensor.js";

type None = Record<never, never>;
/** Of Conv and ConvTranspose; one entry a spatial axis, `pads` all the beginnings, then all the ends. */
export interface ConvAttributes {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
}

/**
 * The primitive operators and their attributes. Each is one ONNX operator of the same name (opset 21)
 * that every device has, with shapes known; all other operations are composed of them.
 */
export interface Attributes {
  // Two operands that broadcast.
  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Pow: None;
  Max: None;
  Min: None;
  Equal: None;
  Greater: None;
  GreaterOrEqual: None;
  And: None;
  Not: None;
  Where: None;
  // One operand, element by element.
  Neg: None;
  Abs: None;
  Exp: None;
  Log: None;
  Sqrt: None;
  Reciprocal: None;
  Sin: None;
  Cos: None;
  Tanh: None;
  Sigmoid: None;
  Erf: None;
  Floor: None;
  Relu: None;
  LeakyRelu: { readonly alpha: number };
  Gelu: { readonly approximate: "none" | "tanh" };
  Cast: { readonly to: DType };
  // Products.
  MatMul: None;
  /** To uint8: a number by the second input, plus the third; ONNX rounds halves to even. On webgpu it runs on the CPU. */
  QuantizeLinear: None;
  /**
   * uint8 rows, int8 matrix, and the scale and zero point of the rows and the scales of the columns; ONNX Runtime's
   * own. On webgpu it runs on the CPU.
   */
  MatMulIntegerToFloat: None;
  /**
   * Rows of length K, N columns in blocks of `bits` a number, and the blocks' scales; ONNX Runtime's own. At
   * `accuracy_level` 4 it may round rows to 8 bits.
   */
  MatMulNBits: {
    readonly K: number;
    readonly N: number;
    readonly bits: number;
    readonly block_size: number;
    readonly accuracy_level: number;
  };
  Conv: ConvAttributes;
  ConvTranspose: ConvAttributes & { readonly output_padding: readonly number[] };
  // Along axes; reduced axes stay, with length 1.
  ReduceSum: { readonly axes: readonly number[] };
  ReduceMean: { readonly axes: readonly number[] };
  ReduceMax: { readonly axes: readonly number[] };
  TopK: { readonly axis: number; readonly k: number };
  CumSum: { readonly axis: number; readonly reverse: boolean };
  Softmax: { readonly axis: number };
  LayerNormalization: { readonly axis: number; readonly epsilon: number };
  // By index.
  Gather: { readonly axis: number };
  GatherElements: { readonly axis: number };
  /** Adds the updates (reduction = "add"). */
  ScatterElements: { readonly axis: number };
  // Layout.
  Concat: { readonly axis: number };
  Split: { readonly axis: number; readonly sizes: readonly number[] };
  Slice: { readonly axis: number; readonly start: number; readonly end: number };
  /** `pads`: all the beginnings, then all the ends. */
  Pad: { readonly pads: readonly number[]; readonly value: number };
  Reshape: { readonly shape: Shape };
  Transpose: { readonly perm: readonly number[] };
  Expand: { readonly shape: Shape };
  Identity: None;
  /** The first input, with gradients for the others given by `backward`; costs nothing at run time. */
  WithGradient: { readonly backward: (dy: Tensor) => readonly (Tensor | undefined)[] };
}

export type Op = keyof Attributes;

/** One operator of a program. */
export interface Node<O extends Op = Op> {
  /** Grows with creation, so that an operator's inputs have smaller ones. */
  readonly id: number;
  readonly op: O;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes[O];
  readonly outputs: readonly Tensor[];
}

let created = 0;

/** The id that the next operator gets. */
export function nextNodeId(): number {
  return created;
}

/**
 * Adds an operator with several outputs to the graph.
 *
 * @param outputs Dtype and shape of each output.
 */
export function operatorOutputs<O extends Op>(
  op: O,
  inputs: readonly Tensor[],
  attributes: Attributes[O],
  outputs: readonly { readonly dtype: DType; readonly shape: Shape }[],
): readonly Tensor[] {
  for (const input of inputs) sourceOf(input, op);
  const made: Tensor[] = [];
  const node = { id: created++, op, inputs, attributes, outputs: made } as Node;
  for (const { dtype, shape } of outputs)
    made.push(new Tensor(dtype, shape, { kind: "output", node }));
  return made;
}

/** Adds an operator to the graph and returns its only output. */
export function operator<O extends Op>(
  op: O,
  inputs: readonly Tensor[],
  attributes: Attributes[O],
  dtype: DType,
  shape: Shape,
): Tensor {
  return operatorOutputs(op, inputs, attributes, [{ dtype, shape }])[0] as Tensor;
}

/** What an operator computes its outputs of: the other inputs of WithGradient only receive gradients. */
export function valueInputs(node: Node): readonly Tensor[] {
  return node.op === "WithGradient" ? node.inputs.slice(0, 1) : node.inputs;
}

/** The operator that makes `tensor`, or undefined for data and inputs. */
export function nodeOf(tensor: Tensor): Node | undefined {
  const source = sourceOf(tensor, "program");
  return source.kind === "output" ? source.node : undefined;
}

/**
 * All operators that `outputs` need, each after those it reads.
 *
 * @param inputsOf What to follow from an operator; default all its inputs.
 */
export function operatorsFor(
  outputs: Iterable<Tensor>,
  inputsOf: (node: Node) => readonly Tensor[] = (node) => node.inputs,
): Node[] {
  const found = new Set<Node>();
  const waiting = [...outputs];
  for (let tensor = waiting.pop(); tensor; tensor = waiting.pop()) {
    const node = nodeOf(tensor);
    if (!node || found.has(node)) continue;
    found.add(node);
    waiting.push(...inputsOf(node));
  }
  return [...found].sort((a, b) => a.id - b.id);
}
