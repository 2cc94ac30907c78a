import { literal } from "./create-tensor.js";
import type { LoadOptions } from "./device.js";
import { typedArray } from "./dtype.js";
import {
  type Graph,
  type GraphConstant,
  type GraphNode,
  type GraphValue,
  graphOf,
  isRead,
} from "./onnx.js";
import { abs, add, cast, div, mul } from "./ops/arithmetic.js";
import { split } from "./ops/layout.js";
import { matmul } from "./ops/products.js";
import { max } from "./ops/reductions.js";
import { lengthOf, sizeOf } from "./shape.js";
import { Tensor } from "./tensor.js";

/**
 * Longest sum in float16. ONNX Runtime's WebGPU adds up products of float16 in float16, so the error grows with the root
 * of the length: 2.4e-3 of the result's size at 256, about that of bfloat16, and 9.5e-3 at 4096.
 */
const longestSum = 256;

/** Elements of a right factor below which rounding would cost more than it saves. */
const leastElements = 2 ** 14;

/**
 * The same graph with its larger products of float32 matrices in float16. Operands are divided by their largest element
 * first, so that neither small gradients nor large sums leave float16's range; long sums are taken in parts, which are added
 * up in float32. Constant matrices are rounded here, and take half the memory.
 *
 * @param options.anyLength Products of two matrices that may have any length stay as they are.
 */
export function float16Products(graph: Graph, { anyLength = false }: LoadOptions = {}): Graph {
  const constants = new Map(graph.constants.map((constant) => [constant.name, constant]));
  const values = new Map<string, GraphValue>(constants);
  for (const value of graph.inputs) values.set(value.name, value);
  for (const { results } of graph.nodes) for (const value of results) values.set(value.name, value);

  const added: GraphConstant[] = [];
  const nodes = graph.nodes.flatMap((node) => {
    const operands = node.inputs.map((name) => values.get(name) as GraphValue);
    const isFixed = !anyLength || constants.has(node.inputs[1] as string);
    if (!isFixed || !isWorthwhile(node, operands)) return [node];
    const part = inPlaceOf(node, productOf(operands, constants));
    added.push(...part.constants);
    return part.nodes;
  });
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const kept = graph.constants.filter(({ name }) => read.has(name));
  return { ...graph, nodes, constants: [...kept, ...added] };
}

function isWorthwhile({ op }: GraphNode, [, right]: readonly GraphValue[]): boolean {
  if (op !== "MatMul" || right?.dtype !== "float32") return false;
  return lengthOf(right.shape, -1) * lengthOf(right.shape, -2) >= leastElements;
}

/** The graph of one product, whose inputs are those operands that are not constant. */
function productOf(
  operands: readonly GraphValue[],
  constants: ReadonlyMap<string, GraphConstant>,
): Graph {
  const tensors = operands.map(({ name, dtype, shape }) => {
    const data = constants.get(name)?.data;
    return data && isRead(data)
      ? new Tensor(dtype, shape, { kind: "host", data })
      : new Tensor(dtype, shape, { kind: "input", name });
  });
  const [a, b] = tensors.map(halved) as [Halved, Halved];
  const length = lengthOf(a.values.shape, -1);
  const count = Math.ceil(length / longestSum);
  const lengths = Array.from(
    { length: count },
    (_, i) => Math.floor(((i + 1) * length) / count) - Math.floor((i * length) / count),
  );
  const rights = split(b.values, lengths, -2);
  const sums = split(a.values, lengths, -1).map((left, i) =>
    cast(matmul(left, rights[i] as Tensor), "float32"),
  );
  const product = sums.reduce((x, y) => add(x, y));
  return graphOf(tensors, [mul(product, mul(a.scale, b.scale))]);
}

/** A tensor is `values` times `scale`. */
interface Halved {
  readonly values: Tensor; // float16, in [-1, 1]
  readonly scale: Tensor;
}

function halved(x: Tensor): Halved {
  if (x.place !== "host") {
    const sizes = max(abs(x), -1, { keepDims: true }); // In two steps: one sum of all is slow on GPUs.
    const scale = add(max(sizes, undefined, { keepDims: true }), 1e-30); // Zeros stay zeros.
    return { values: cast(div(x, scale), "float16"), scale };
  }
  const data = x.dataSync() as Float32Array;
  const scale = data.reduce((most, element) => Math.max(most, Math.abs(element)), 0) || 1;
  const values = typedArray(
    "float16",
    sizeOf(x.shape),
    data.map((element) => element / scale),
  );
  return {
    values: new Tensor("float16", x.shape, { kind: "host", data: values }),
    scale: literal(scale),
  };
}

/** A graph's nodes and constants under names of their own, between a node's inputs and its output. */
function inPlaceOf(node: GraphNode, part: Graph): Pick<Graph, "nodes" | "constants"> {
  const [output = ""] = node.outputs;
  const names = new Map(part.inputs.map(({ name }, i) => [name, node.inputs[i] as string]));
  for (const { name } of part.outputs) names.set(name, output);
  const rename = (name: string): string => names.get(name) ?? `${output}_${name}`;
  const renamed = <V extends GraphValue>(value: V): V => ({ ...value, name: rename(value.name) });
  return {
    nodes: part.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
      results: node.results.map(renamed),
    })),
    constants: part.constants.map(renamed),
  };
}
