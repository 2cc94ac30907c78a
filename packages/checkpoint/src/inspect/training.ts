import { type Shape, sizeOf } from "@hawksbill/core";
import type { MisshapenTensor, MissingTensor } from "./compare.js";
import { type IgnoredTensors, type Inspection, inspection, type Listing } from "./inspection.js";
import type { Shapes } from "./model-match.js";

/**
 * A run's `checkpoint.safetensors`: `weights.<name>`, `optimizer.<moment>.<name>`, and more weights that no
 * step needs.
 *
 * @param inspectWeights Says what the weights are.
 */
export function inspectHawksbillTraining(
  { tensors, metadata }: Listing,
  shapes: Shapes,
  inspectWeights: (shapes: Shapes, file: Listing) => Inspection | undefined,
): Inspection | undefined {
  const state = metadata?.["hawksbill.training"];
  if (state === undefined) return undefined;
  const weights = new Map([...shapes].filter(([name]) => name.startsWith("weights.")));
  const model =
    inspectWeights(weights, { tensors }) ?? inspection({ kind: "unknown", title: "unknown" });
  const { missing, misshapen } = compareMoments(shapes);
  return inspection({
    prefix: model.prefix,
    sizes: model.sizes,
    parameters: count(weights.values()),
    unknownSettings: model.unknownSettings,
    unexpected: model.unexpected,
    kind: "hawksbill-training",
    title: "Hawksbill training state",
    model: model.kind,
    definition: `of: ${model.title}`,
    // What the model lacks, the optimiser's moments miss as well.
    missing: [...new Map([...missing, ...model.missing].map((m) => [m.tensor, m])).values()],
    misshapen: [...model.misshapen, ...misshapen],
    ignored: besideWeights(shapes),
    notes: [progress(state)],
  });
}

/** Each of the optimiser's moments is of its weight's shape, or a row of fewer numbers, such as scales of 8-bit codes. */
function compareMoments(shapes: Shapes): {
  missing: MissingTensor[];
  misshapen: MisshapenTensor[];
} {
  const missing: MissingTensor[] = [];
  const misshapen: MisshapenTensor[] = [];
  for (const [tensor, shape] of shapes) {
    const [, weight] = /^optimizer\.[^.]+\.(.+)$/.exec(tensor) ?? [];
    if (weight === undefined) continue;
    const expected = shapes.get(`weights.${weight}`);
    if (!expected)
      missing.push({
        tensor: `weights.${weight}`,
        expected: shape,
        cause: `the optimiser has ${tensor}: the weight was left out when the file was written or edited`,
      });
    else if (!same(shape, expected) && !(shape.length === 1 && sizeOf(shape) < sizeOf(expected)))
      misshapen.push({
        tensor,
        shape,
        expected,
        cause: "its weight is of another shape: the file was put together of two",
      });
  }
  return { missing, misshapen };
}

function besideWeights(shapes: Shapes): IgnoredTensors[] {
  const purposes = {
    optimizer: "of the optimiser",
    average: "moving average of the weights",
    best: "weights of the lowest held-out loss",
  };
  return Object.entries(purposes)
    .map(([part, what]) => ({
      what,
      tensors: [...shapes.keys()].filter((name) => name.startsWith(`${part}.`)),
    }))
    .filter(({ tensors }) => tensors.length > 0);
}

function progress(state: string): string {
  try {
    const { step, epoch } = Object(JSON.parse(state)) as { step?: unknown; epoch?: unknown };
    return `stands after step ${step}, in epoch ${epoch}`;
  } catch {
    return "its position is damaged: training cannot go on from it";
  }
}

/** What torch and bitsandbytes call an optimiser's two moments of a tensor. */
const secondMoments: Readonly<Record<string, string>> = { exp_avg: "exp_avg_sq", state1: "state2" };

/** DL-Art-School's `training_state/<step>.state`: the optimiser's moments, without the weights. */
export function inspectDlasTraining({ values }: Listing, shapes: Shapes): Inspection | undefined {
  const moments: Shape[] = [];
  const missing: MissingTensor[] = [];
  const misshapen: MisshapenTensor[] = [];
  for (const [tensor, expected] of shapes) {
    const [, before, first = ""] = /^((?:.*\.)?state\.\d+\.)(exp_avg|state1)$/.exec(tensor) ?? [];
    if (before === undefined) continue;
    moments.push(expected);
    const second = `${before}${secondMoments[first]}`;
    const shape = shapes.get(second);
    if (!shape) missing.push({ tensor: second, expected, cause: `only ${tensor} was saved` });
    else if (!same(shape, expected))
      misshapen.push({
        tensor: second,
        shape,
        expected,
        cause: `${tensor} is of another shape: the file was edited`,
      });
  }
  if (moments.length === 0) return undefined;
  const { iter, epoch } = Object(values) as { iter?: unknown; epoch?: unknown };
  return inspection({
    kind: "dlas-training",
    title: "DL-Art-School training state",
    sizes: { trainedTensors: moments.length },
    parameters: count(moments),
    missing,
    misshapen,
    unknownSettings: [
      { setting: "weights", why: "they are in a file of their own, models/<step>_<net>.pth" },
    ],
    notes: iter === undefined ? [] : [`stands after step ${iter}, in epoch ${epoch}`],
  });
}

function same(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

function count(shapes: Iterable<Shape>): number {
  return [...shapes].reduce((sum, shape) => sum + sizeOf(shape), 0);
}
