import { type Shape, sizeOf } from "@hawksbill/core";
import type { MisshapenTensor, MissingTensor } from "./compare.js";
import { type Inspection, inspection, type Listing } from "./inspection.js";
import type { ModelKindName } from "./kinds/index.js";
import type { Shapes } from "./model-match.js";

/** A run's `checkpoint.safetensors`: `weights.<name>` and `optimizer.<moment>.<name>`. */
export function inspectHawksbillTraining(
  file: Listing,
  shapes: Shapes,
  inspectModel: (shapes: Shapes, file: Listing) => Inspection | undefined,
): Inspection | undefined {
  const state = file.metadata?.["hawksbill.training"];
  if (state === undefined) return undefined;
  const weights = new Map([...shapes].filter(([name]) => name.startsWith("weights.")));
  const model = inspectModel(weights, {
    tensors: file.tensors,
    metadata: {},
  });
  const moments = compareMoments(weights, shapes);
  return inspection({
    ...(model ?? { parameters: count(weights.values()) }),
    kind: "hawksbill-training",
    title: "Hawksbill training state",
    ...(model ? { model: model.kind as ModelKindName, definition: model.title } : {}),
    missing: [...(model?.missing ?? []), ...moments.missing],
    misshapen: [...(model?.misshapen ?? []), ...moments.misshapen],
    fits: (model?.fits ?? true) && moments.missing.length + moments.misshapen.length === 0,
    notes: [progress(state), ...(model ? [] : ["its weights are of no kind that is known here"])],
  });
}

/** Each weight that is trained has one of each of the optimiser's moments, of its own shape. */
function compareMoments(
  weights: Shapes,
  shapes: Shapes,
): { missing: MissingTensor[]; misshapen: MisshapenTensor[] } {
  const missing: MissingTensor[] = [];
  const misshapen: MisshapenTensor[] = [];
  const moments = new Map<string, Set<string>>();
  for (const [tensor, shape] of shapes) {
    const [, moment, name] = /^optimizer\.([^.]+)\.(.+)$/.exec(tensor) ?? [];
    if (moment === undefined || name === undefined) continue;
    moments.set(moment, (moments.get(moment) ?? new Set()).add(name));
    const expected = weights.get(`weights.${name}`);
    if (expected && String(shape) !== String(expected))
      misshapen.push({
        tensor,
        shape,
        expected,
        cause: "an optimiser's moment is of its weight's shape: the file was edited",
      });
    else if (!expected)
      missing.push({
        tensor: `weights.${name}`,
        expected: shape,
        cause: `the optimiser's ${moment} has it: it was left out when the file was written or edited`,
      });
  }
  return { missing, misshapen };
}

function progress(state: string): string {
  try {
    const { step, epoch } = Object(JSON.parse(state)) as { step?: unknown; epoch?: unknown };
    return `stands after step ${step}, in epoch ${epoch}`;
  } catch {
    return "its position is damaged: training cannot go on from it";
  }
}

/** DL-Art-School's `training_state/<step>.state`: the optimiser's moments, without the weights. */
export function inspectDlasTraining(file: Listing, shapes: Shapes): Inspection | undefined {
  const moment = /(?:^|\.)state\.(\d+)\.(exp_avg|exp_avg_sq|state1|state2)$/;
  const found = [...shapes].filter(([name]) => moment.test(name));
  const first = found.filter(([name]) => /(exp_avg|state1)$/.test(name));
  if (first.length === 0 || 2 * found.length < shapes.size / 2) return undefined;

  const missing: MissingTensor[] = [];
  const misshapen: MisshapenTensor[] = [];
  for (const [tensor, expected] of first) {
    const other = tensor.replace(/exp_avg$/, "exp_avg_sq").replace(/state1$/, "state2");
    const shape = shapes.get(other);
    if (!shape) missing.push({ tensor: other, expected, cause: `only ${tensor} was saved` });
    else if (String(shape) !== String(expected))
      misshapen.push({ tensor: other, shape, expected, cause: `it belongs to ${tensor}` });
  }
  const { iter, epoch } = Object(file.values) as { iter?: unknown; epoch?: unknown };
  return inspection({
    kind: "dlas-training",
    title: "DL-Art-School training state",
    sizes: { trainedTensors: first.length },
    parameters: count(first.map(([, shape]) => shape)),
    missing,
    misshapen,
    unknownSettings: [
      { setting: "weights", why: "they are in a file of their own, models/<step>_<net>.pth" },
    ],
    notes: iter === undefined ? [] : [`stands after step ${iter}, in epoch ${epoch}`],
  });
}

function count(shapes: Iterable<Shape>): number {
  return [...shapes].reduce((sum, shape) => sum + sizeOf(shape), 0);
}
