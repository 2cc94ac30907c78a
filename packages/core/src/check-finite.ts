import type { Device } from "./device.js";
import { isFloat, toNumbers } from "./dtype.js";
import type { Graph, GraphNode } from "./onnx.js";
import type { Tensor } from "./tensor.js";
import { disposeTree } from "./tree.js";

/** A program gave a number that is not finite where `checkFinite` asked to look. */
export class NonFiniteError extends Error {
  override readonly name = "NonFiniteError";
}

/** @throws {NonFiniteError} One of the results is NaN or infinite; names the first operator that made it so. */
export async function requireFinite(
  results: readonly Tensor[],
  inputs: readonly Tensor[],
  graph: Graph,
  device: Device,
  name: string,
): Promise<void> {
  const finite = await Promise.all(results.map(allFinite));
  if (finite.every(Boolean)) return;
  for (const result of results) result.dispose();
  const culprit = await firstNonFinite(inputs, graph, device);
  throw new NonFiniteError(
    `${name}: a result is NaN or infinite: ${culprit}; look for log or division of 0, exp of large numbers, or a learning rate too high`,
  );
}

async function allFinite(x: Tensor): Promise<boolean> {
  if (!isFloat(x.dtype)) return true;
  const values = toNumbers(await x.data(), x.dtype);
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

async function firstNonFinite(
  inputs: readonly Tensor[],
  graph: Graph,
  device: Device,
): Promise<string> {
  for (const [i, input] of inputs.entries())
    if (!(await allFinite(input))) return `input ${i} (${input}) already is`;
  // Run again with every operator's result as an output; this happens once, on the way to an error.
  const outputs = graph.nodes.flatMap((node) =>
    node.results.filter((result) => result.name !== "" && isFloat(result.dtype)),
  );
  const session = await device.load({ ...graph, outputs });
  let all: readonly Tensor[] = [];
  try {
    all = await session.run(inputs);
    for (const [i, output] of outputs.entries()) {
      if (await allFinite(all[i] as Tensor)) continue;
      const node = graph.nodes.find((n) => n.outputs.includes(output.name)) as GraphNode;
      const shapes = node.inputs.map((input) => shapeOf(graph, input));
      return `operator ${output.name} of inputs ${shapes.join(", ")} made the first in its result [${output.shape}]`;
    }
    return "no single operator could be named";
  } finally {
    disposeTree(all);
    await session.release();
  }
}

function shapeOf(graph: Graph, name: string): string {
  const values = [
    ...graph.inputs,
    ...graph.constants,
    ...graph.nodes.flatMap((node) => node.results),
  ];
  return `[${values.find((value) => value.name === name)?.shape ?? ""}]`;
}
