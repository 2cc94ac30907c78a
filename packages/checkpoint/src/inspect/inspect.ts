import { type Shape, sizeOf } from "@hawksbill/core";
import { inspectAdapter } from "./adapter.js";
import { type Inspection, inspection, type Listing } from "./inspection.js";
import type { ModelKindName } from "./kinds/index.js";
import { type ModelMatch, matchModel, type Shapes } from "./model-match.js";
import { inspectDlasTraining, inspectHawksbillTraining } from "./training.js";
import { inspectVoice } from "./voice.js";

/**
 * Says what a checkpoint is: its kind, its sizes, what is wrong with it, and what it does not tell.
 *
 * A pure function of names and shapes: no numbers are read, and nothing is thrown for a strange file,
 * whose kind is "unknown".
 *
 * @param file What `decodeSafetensors`, `readSafetensors` or `openCheckpoint` returned.
 */
export function inspect(file: Listing): Inspection {
  const shapes: Shapes = new Map(
    Object.entries(file.tensors).map(([name, { shape }]): [string, Shape] => [name, shape]),
  );
  return (
    inspectHawksbillTraining(file, shapes, inspectWeights) ??
    inspectWeights(shapes, file) ??
    inspectDlasTraining(file, shapes) ??
    inspectVoice(shapes) ??
    unknown(shapes)
  );
}

function inspectWeights(shapes: Shapes, file: Listing): Inspection | undefined {
  return inspectAdapter(file, shapes) ?? inspectModel(shapes, file);
}

function inspectModel(shapes: Shapes, { metadata = {} }: Listing): Inspection | undefined {
  const match = matchModel(shapes);
  if (!match) return undefined;
  const { definition, ...found } = match.examine();
  return inspection({
    kind: match.kind.kind as ModelKindName,
    title: match.kind.title,
    ...(definition === undefined ? {} : { definition }),
    prefix: match.prefix,
    ...found,
    ...otherTensors(match, shapes),
    unknownSettings: match.kind.unknownSettings(found.sizes),
    notes: originNotes(metadata),
  });
}

/** Where Hawksbill says that a model comes from. */
function originNotes(metadata: Readonly<Record<string, string>>): string[] {
  const said = {
    "hawksbill.settings": "made by Hawksbill, with settings",
    "hawksbill.run": "fine-tuned by Hawksbill:",
    "hawksbill.merge": "merged by Hawksbill:",
  };
  return Object.entries(said).flatMap(([key, words]) =>
    metadata[key] === undefined ? [] : [`${words} ${metadata[key]}`],
  );
}

/** Sorts what is not the model's into what has a purpose and what has none that we know. */
function otherTensors(
  match: ModelMatch,
  shapes: Shapes,
): Pick<Inspection, "unexpected" | "ignored"> {
  const byPurpose = new Map<string, string[]>();
  const unexpected: string[] = [];
  const ignore = (what: string, tensor: string): void => {
    byPurpose.set(what, [...(byPurpose.get(what) ?? []), tensor]);
  };
  for (const { tensor, what } of match.others)
    if (what === undefined) unexpected.push(tensor);
    else ignore(what, tensor);
  for (const tensor of shapes.keys())
    if (!tensor.startsWith(match.prefix)) ignore(`beside ${match.prefix}*`, tensor);
  const ignored = [...byPurpose].map(([what, tensors]) => ({ what, tensors }));
  return { unexpected, ignored };
}

function unknown(shapes: Shapes): Inspection {
  const [example] = shapes.keys();
  return inspection({
    kind: "unknown",
    title: "unknown",
    parameters: [...shapes.values()].reduce((sum, shape) => sum + sizeOf(shape), 0),
    unexpected: [...shapes.keys()],
    notes: [
      example === undefined
        ? "the file holds no tensors at all"
        : `no model of TorToiSe has names such as ${JSON.stringify(example)}`,
    ],
  });
}
