import { PbfWriter } from "pbf";
import { type DType, dtypes, type TypedArray, typedArray } from "./dtype.js";
import { type Attributes, type Node, type Op, operatorsFor, valueInputs } from "./graph.js";
import { type Shape, sizeOf } from "./shape.js";
import { sourceOf, type Tensor, type TensorSource } from "./tensor.js";

/** A program written down: inputs, constants and operators in an order that can be run. */
export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly GraphConstant[];
}

export interface GraphValue {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface GraphConstant extends GraphValue {
  /** Its elements, or where they are. */
  readonly data: TypedArray | Stored;
}

/** Elements that were not read yet. */
interface Stored {
  readonly tensor: Tensor;
  readonly file: TensorSource["file"];
}

/** Whether a constant's elements are at hand. */
export function isRead(data: GraphConstant["data"]): data is TypedArray {
  return ArrayBuffer.isView(data);
}

/** One ONNX operator. An output that is left out has the name "". */
export interface GraphNode {
  readonly op: Exclude<Op, "WithGradient">;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly results: readonly GraphValue[];
}

type AttributeValue = string | number | readonly number[];

/** Attributes that ONNX has as floating point; other numbers are whole. */
const floatAttributes: ReadonlySet<string> = new Set(["alpha", "epsilon"]);

interface Lowered {
  /** Constants that ONNX wants as further inputs: axes, shapes, … */
  readonly ints?: readonly (readonly number[])[];
  /** One of the output's dtype behind them. */
  readonly value?: number;
  readonly attributes: GraphNode["attributes"];
}

const overAxes = ({ axes }: Attributes["ReduceSum"]): Lowered => ({
  ints: [axes],
  attributes: { keepdims: 1 },
});

/** The operators whose attributes are not ONNX's own: all others are written as they are. */
const lowering: { readonly [O in Op]?: (attributes: Attributes[O]) => Lowered } = {
  Cast: ({ to }) => ({ attributes: { to: dtypes[to].onnx } }),
  ReduceSum: overAxes,
  ReduceMean: overAxes,
  ReduceMax: overAxes,
  TopK: ({ axis, k }) => ({ ints: [[k]], attributes: { axis } }),
  CumSum: ({ axis, reverse }) => ({ ints: [[axis]], attributes: { reverse: reverse ? 1 : 0 } }),
  ScatterElements: ({ axis }) => ({ attributes: { axis, reduction: "add" } }),
  Split: ({ axis, sizes }) => ({ ints: [sizes], attributes: { axis } }),
  Slice: ({ axis, start, end }) => ({ ints: [[start], [end], [axis]], attributes: {} }),
  Pad: ({ pads, value }) => ({ ints: [pads], value, attributes: { mode: "constant" } }),
  Reshape: ({ shape }) => ({ ints: [shape], attributes: {} }),
  Expand: ({ shape }) => ({ ints: [shape], attributes: {} }),
};

function lowered({ op, attributes }: Node): Lowered {
  const lower = lowering[op] as ((attributes: unknown) => Lowered) | undefined;
  return lower?.(attributes) ?? { attributes: attributes as GraphNode["attributes"] };
}

/**
 * The graph that computes `outputs`.
 *
 * @param inputs Placeholders in the order in which values will be given.
 */
export function graphOf(inputs: readonly Tensor[], outputs: readonly Tensor[]): Graph {
  const names = new Map<Tensor, string>();
  const constants = new Map<string, GraphConstant>();
  const value = (x: Tensor, name: string): GraphValue => ({ name, dtype: x.dtype, shape: x.shape });
  inputs.forEach((input, i) => {
    names.set(input, `input_${i}`);
  });

  const constant = (data: TypedArray, dtype: DType, shape: Shape): string => {
    // Small ones (axes, shapes, scalars) recur: keep one of each.
    const key = data.length <= 16 ? `${dtype}[${shape}]=${data}` : `#${constants.size}`;
    const known = constants.get(key);
    if (known) return known.name;
    const name = `constant_${constants.size}`;
    constants.set(key, { name, dtype, shape, data });
    return name;
  };
  const ints = (values: readonly number[]): string =>
    constant(typedArray("int64", values.length, values), "int64", [values.length]);
  const stored = (tensor: Tensor, file: TensorSource["file"]): string => {
    const name = `constant_${constants.size}`;
    constants.set(name, { ...value(tensor, name), data: { tensor, file } });
    return name;
  };
  const nameOf = (x: Tensor): string => {
    const known = names.get(x);
    if (known) return known;
    const source = sourceOf(x, "program");
    const name =
      source.kind === "stored"
        ? stored(x, source.stored.file)
        : constant(x.dataSync(), x.dtype, x.shape);
    names.set(x, name);
    return name;
  };

  const operators = operatorsFor(outputs, valueInputs);
  const read = new Set([...outputs, ...operators.flatMap((node) => node.inputs)]);
  const nodes: GraphNode[] = [];
  for (const node of operators) {
    if (node.op === "Identity" || node.op === "WithGradient") {
      names.set(node.outputs[0] as Tensor, nameOf(node.inputs[0] as Tensor));
      continue;
    }
    const { ints: shapes = [], value: fill, attributes } = lowered(node);
    const dtype = node.outputs[0]?.dtype ?? "float32";
    node.outputs.forEach((output, i) => {
      // Only this operator may leave outputs out: ONNX Runtime crashes where another does.
      const omitted = node.op === "LayerNormalization" && i > 0 && !read.has(output);
      const name = `${node.op}_${nodes.length}${i > 0 ? `_${i}` : ""}`;
      names.set(output, omitted ? "" : name);
    });
    nodes.push({
      op: node.op,
      inputs: [
        ...node.inputs.map(nameOf),
        ...shapes.map(ints),
        ...(fill === undefined ? [] : [constant(typedArray(dtype, 1, [fill]), dtype, [])]),
      ],
      outputs: node.outputs.map((output) => names.get(output) ?? ""),
      attributes,
      results: node.outputs.map((output) => value(output, names.get(output) ?? "")),
    });
  }
  // ONNX wants each output made by an operator, once: copy what is an input, a constant, or returned twice.
  const results = outputs.map((output, i) => {
    const name = `output_${i}`;
    nodes.push({
      op: "Identity",
      inputs: [nameOf(output)],
      outputs: [name],
      attributes: {},
      results: [value(output, name)],
    });
    return value(output, name);
  });
  return {
    inputs: inputs.map((input, i) => value(input, `input_${i}`)),
    outputs: results,
    nodes,
    constants: [...constants.values()],
  };
}

// Field numbers of onnx.proto (ONNX 1.16, IR version 10), https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const irVersion = 10;
const opset = 21;

/**
 * A graph as the bytes of an ONNX model, to run or to open in Netron.
 *
 * @param options.locate A file's path as the model names it; default the path itself.
 * @param options.anyLength Leave open how long the axes of inputs and outputs are; default false.
 */
export function encodeOnnx(
  graph: Graph,
  name = "hawksbill",
  options: { readonly locate?: (path: string) => string; readonly anyLength?: boolean } = {},
): Uint8Array {
  const { locate = (path) => path, anyLength = false } = options;
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, irVersion);
  pbf.writeStringField(2, "hawksbill");
  pbf.writeMessage(8, (_, to) => to.writeVarintField(2, opset), undefined);
  pbf.writeMessage(8, writeOwnOperators, undefined);
  pbf.writeMessage(7, writeGraph, { graph, name, locate, anyLength });
  return pbf.finish();
}

/** Operators that ONNX Runtime has beside those of ONNX. */
const ownOperators: ReadonlySet<string> = new Set<Op>(["MatMulIntegerToFloat", "MatMulNBits"]);
const ownDomain = "com.microsoft";

function writeOwnOperators(_: undefined, pbf: PbfWriter): void {
  pbf.writeStringField(1, ownDomain);
  pbf.writeVarintField(2, 1);
}

interface Model {
  readonly graph: Graph;
  readonly name: string;
  readonly locate: (path: string) => string;
  readonly anyLength: boolean;
}

function writeGraph({ graph, name, locate, anyLength }: Model, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, name);
  for (const constant of graph.constants) pbf.writeMessage(5, writeTensor, { ...constant, locate });
  for (const input of graph.inputs) pbf.writeMessage(11, writeValue, { ...input, anyLength });
  for (const output of graph.outputs) pbf.writeMessage(12, writeValue, { ...output, anyLength });
}

function writeNode(node: GraphNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, node.outputs[0] ?? "");
  pbf.writeStringField(4, node.op);
  if (ownOperators.has(node.op)) pbf.writeStringField(7, ownDomain);
  for (const attribute of Object.entries(node.attributes))
    pbf.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute([name, value]: [string, AttributeValue], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  const type = (number: number): void => pbf.writeVarintField(20, number);
  if (typeof value === "string") {
    pbf.writeStringField(4, value);
    type(3);
  } else if (typeof value !== "number") {
    for (const n of value) pbf.writeVarintField(8, n);
    type(7);
  } else if (floatAttributes.has(name)) {
    pbf.writeFloatField(2, value);
    type(1);
  } else {
    pbf.writeVarintField(3, value);
    type(2);
  }
}

function writeTensor(
  { name, dtype, shape, data, locate }: GraphConstant & Pick<Model, "locate">,
  pbf: PbfWriter,
): void {
  for (const length of shape) pbf.writeVarintField(1, length);
  pbf.writeVarintField(2, dtypes[dtype].onnx);
  pbf.writeStringField(8, name);
  if (isRead(data)) {
    pbf.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return;
  }
  // In a file of its own; where there is none, the tensor's name at least lets the model be looked at.
  const { path, offset } = data.file ?? { path: name, offset: 0 };
  const length = sizeOf(shape) * dtypes[dtype].array.BYTES_PER_ELEMENT;
  for (const entry of Object.entries({ location: locate(path), offset, length }))
    pbf.writeMessage(13, writeEntry, entry);
  pbf.writeVarintField(14, 1);
}

function writeEntry([key, value]: [string, string | number], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, `${value}`);
}

type Value = Omit<GraphValue, "name"> & Pick<Model, "anyLength">;

function writeValue({ name, ...value }: GraphValue & Value, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, (_, type) => type.writeMessage(1, writeTensorType, value), undefined);
}

function writeTensorType({ dtype, shape, anyLength }: Value, pbf: PbfWriter): void {
  pbf.writeVarintField(1, dtypes[dtype].onnx);
  pbf.writeMessage(
    2,
    (_, dims) => {
      for (const length of shape)
        dims.writeMessage(
          1,
          (n: number, dim) => {
            if (!anyLength) dim.writeVarintField(1, n);
          },
          length,
        );
    },
    undefined,
  );
}
