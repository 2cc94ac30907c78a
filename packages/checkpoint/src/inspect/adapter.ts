import { type Shape, sizeOf } from "@hawksbill/core";
import type { MisshapenTensor, MissingTensor } from "./compare.js";
import { type Inspection, inspection, type Listing } from "./inspection.js";
import type { Shapes } from "./model-match.js";

/** The two matrices of LoRA: A is [rank, in, …kernel], B is [out, rank, …1]. */
const matrix = /^(.+)\.lora_(A|B)((?:\.default)?(?:\.weight)?)$/;

/** An adapter (LoRA), of Hawksbill or PEFT: a pair of small matrices for each layer that it changes. */
export function inspectAdapter({ metadata }: Listing, shapes: Shapes): Inspection | undefined {
  const layers = new Map<string, { readonly a: string; readonly b: string }>();
  const others: string[] = [];
  for (const name of shapes.keys()) {
    const [, layer, , end] = matrix.exec(name) ?? [];
    if (layer === undefined) others.push(name);
    else layers.set(layer, { a: `${layer}.lora_A${end}`, b: `${layer}.lora_B${end}` });
  }
  if (layers.size === 0 || others.length > layers.size) return undefined;

  const pairs = [...layers.values()];
  const rank = mostFrequent(pairs.map(({ a, b }) => shapes.get(a)?.[0] ?? shapes.get(b)?.[1] ?? 0));
  const missing: MissingTensor[] = [];
  const misshapen: MisshapenTensor[] = [];
  const check = (tensor: string, rankAxis: number, form: readonly (number | string)[]): void => {
    const shape = shapes.get(tensor);
    const expected = [...(shape ?? form)].map((n, axis) => (axis === rankAxis ? rank : n));
    if (!shape)
      missing.push({ tensor, expected, cause: "only one of the layer's two matrices was saved" });
    else if (shape.length < 2 || shape[rankAxis] !== rank)
      misshapen.push({ tensor, shape, expected, cause: "the other matrices have this rank" });
  };
  for (const { a, b } of pairs) {
    check(a, 0, ["rank", "in"]);
    check(b, 1, ["out", "rank"]);
  }
  const made = metadata?.["hawksbill.adapter"];
  return inspection({
    kind: "adapter",
    title: "adapter (LoRA)",
    sizes: { rank, adaptedLayers: layers.size },
    parameters: [...shapes.values()].reduce((sum, shape: Shape) => sum + sizeOf(shape), 0),
    missing,
    misshapen,
    unexpected: others,
    unknownSettings: made === undefined ? unknownSettings : [],
    notes: made === undefined ? [] : [`made by Hawksbill: ${made}`],
  });
}

const unknownSettings = [
  { setting: "alpha", why: "how strongly it works is in a file beside it" },
  { setting: "base", why: "which model it was trained on is in a file beside it" },
];

function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const n of numbers) counts.set(n, (counts.get(n) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}
