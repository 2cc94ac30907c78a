import type { Graph, GraphNode, GraphValue } from "./onnx.js";

/** A graph as text, one line an input or operator. */
export function describeGraph(graph: Graph): string {
  const typed = ({ name, dtype, shape }: GraphValue): string => `${name}: ${dtype}[${shape}]`;
  return [
    ...graph.inputs.map((input) => `input ${typed(input)}`),
    ...graph.nodes.map((node) => `${node.results.map(typed).join(", ")} = ${describeNode(node)}`),
  ].join("\n");
}

function describeNode({ op, inputs, attributes }: GraphNode): string {
  const settings = Object.entries(attributes).map(
    ([key, value]) => `${key}=${JSON.stringify(value)}`,
  );
  return `${op}(${[...inputs, ...settings].join(", ")})`;
}
