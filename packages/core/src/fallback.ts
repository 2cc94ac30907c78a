import type { DeviceName } from "./device.js";
import type { Graph, GraphNode, GraphValue } from "./onnx.js";

/** Whether a session was refused because it would have to leave operators to the CPU. */
export function isFallbackRefusal(error: unknown): boolean {
  return (
    error instanceof Error && /fallback to CPU EP has been explicitly disabled/i.test(error.message)
  );
}

/**
 * Which operators a device lacks: each kind of node is tried in a program of its own, because ONNX Runtime does not
 * say.
 *
 * @param accepts Whether the device takes a program whole.
 */
export async function missingOperators(
  graph: Graph,
  accepts: (graph: Graph) => Promise<boolean>,
): Promise<string[]> {
  const values = new Map<string, GraphValue>(
    [...graph.inputs, ...graph.constants, ...graph.nodes.flatMap((node) => node.results)].map(
      (value) => [value.name, value],
    ),
  );
  const missing = new Set<string>();
  const tried = new Set<string>();
  for (const node of graph.nodes) {
    const operands = node.inputs.flatMap((name) => values.get(name) ?? []);
    const kind = JSON.stringify([node.op, node.attributes, operands.map((x) => x.dtype)]);
    if (missing.has(node.op) || tried.has(kind)) continue;
    tried.add(kind);
    if (!(await accepts(programOf(node, graph, operands)))) missing.add(node.op);
  }
  return [...missing].sort();
}

/** One node with its constants; what other nodes make is given. */
function programOf(node: GraphNode, graph: Graph, operands: readonly GraphValue[]): Graph {
  const constants = graph.constants.filter(({ name }) => node.inputs.includes(name));
  const fixed = new Set(constants.map(({ name }) => name));
  const given = operands.filter(({ name }) => !fixed.has(name));
  return {
    inputs: [...new Map(given.map((value) => [value.name, value])).values()],
    outputs: node.results.filter(({ name }) => name !== ""),
    nodes: [node],
    constants,
  };
}

/** What to tell of operators that run on the CPU. */
export function fallbackMessage(
  device: DeviceName,
  program: string,
  operators: readonly string[],
): string {
  const which =
    operators.length > 0 ? operators.join(", ") : "some operators (which, is not known)";
  return `${device}: "${program}" has operators that this device lacks: ${which}`;
}
