import { type TypedArray, typedArray } from "./dtype.js";
import { type Graph, type GraphConstant, type GraphNode, type GraphValue, isRead } from "./onnx.js";
import { bytesOf } from "./traffic.js";

/**
 * The same graph with each constant matrix that a device could not hold in one tensor cut into groups of columns,
 * whose products are joined again. Only those that products alone read; others stay, to be refused.
 */
export function splitConstants(graph: Graph, tensorBytes: number): Graph {
  const large = graph.constants.filter(
    (constant) =>
      bytesOf(constant) > tensorBytes && constant.shape.length === 2 && isRead(constant.data),
  );
  return large.reduce((done, constant) => splitConstant(done, constant, tensorBytes), graph);
}

function splitConstant(graph: Graph, matrix: GraphConstant, tensorBytes: number): Graph {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(matrix.name));
  const isRightFactor = ({ op, inputs }: GraphNode): boolean =>
    op === "MatMul" && inputs[1] === matrix.name && inputs[0] !== matrix.name;
  const [rows = 0, columns = 0] = matrix.shape;
  const columnBytes = bytesOf(matrix) / columns;
  const width = Math.floor(tensorBytes / columnBytes);
  if (!readers.every(isRightFactor) || width === 0) return graph;

  const parts: GraphConstant[] = [];
  for (let start = 0; start < columns; start += width) {
    const shape = [rows, Math.min(width, columns - start)];
    const data = columnsOf(matrix, start, shape as [number, number]);
    parts.push({ name: `${matrix.name}_from_${start}`, dtype: matrix.dtype, shape, data });
  }
  const nodes = graph.nodes.flatMap((node) =>
    readers.includes(node) ? productOfParts(node, parts) : [node],
  );
  const constants = graph.constants.filter((constant) => constant !== matrix);
  return { ...graph, nodes, constants: [...constants, ...parts] };
}

/** A product with each part, and all of them side by side. */
function productOfParts(node: GraphNode, parts: readonly GraphConstant[]): GraphNode[] {
  const whole = node.results[0] as GraphValue;
  const products = parts.map((part): GraphNode => {
    const name = `${whole.name}_${part.name}`;
    const shape = [...whole.shape.slice(0, -1), part.shape[1] as number];
    return {
      ...node,
      inputs: [node.inputs[0] as string, part.name],
      outputs: [name],
      results: [{ name, dtype: whole.dtype, shape }],
    };
  });
  const joined: GraphNode = {
    op: "Concat",
    inputs: products.flatMap(({ outputs }) => outputs),
    outputs: node.outputs,
    attributes: { axis: whole.shape.length - 1 },
    results: node.results,
  };
  return [...products, joined];
}

function columnsOf(
  { dtype, shape, data }: GraphConstant,
  start: number,
  [rows, width]: [number, number],
): TypedArray {
  const columns = shape[1] as number;
  const from = data as TypedArray;
  const part = typedArray(dtype, rows * width);
  for (let row = 0; row < rows; row++) {
    const begin = row * columns + start;
    (part as Float32Array).set((from as Float32Array).subarray(begin, begin + width), row * width);
  }
  return part;
}
