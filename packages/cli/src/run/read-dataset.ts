import { basename } from "node:path";
import {
  type Clip,
  combineDatasets,
  type Dataset,
  type DatasetPart,
  formatReport,
  prepareDataset,
  problemText,
} from "@hawksbill/dataset";
import { openPlace } from "@hawksbill/dataset/node";
import { clipLimits, type Model } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import { count } from "../format.js";
import { given } from "../given.js";
import { datasetPath } from "../place.js";
import type { RunSettings } from "./run-config.js";
import type { Session } from "./session.js";

/** What says which clips there are. */
type Wanted = Pick<
  RunSettings,
  | "dataset"
  | "moreDatasets"
  | "datasetWeights"
  | "lists"
  | "minimumSeconds"
  | "maximumSeconds"
  | "maximumTextTokens"
>;

/** The clips that a model can learn from, of one dataset or several; tells what was found and what was left out. */
export async function readDataset(
  settings: Wanted,
  model: Model,
  session: Pick<Session, "tools" | "tell">,
): Promise<Dataset> {
  const { moreDatasets = [], datasetWeights: weights } = settings;
  const places = [settings.dataset, ...moreDatasets];
  if (weights && weights.length !== places.length)
    throw new CliError(
      `--dataset-weights are ${weights.length}, for ${count(places.length, "dataset")}; give one for each`,
    );
  const parts: DatasetPart<Clip>[] = [];
  for (const [i, place] of places.entries()) {
    const path = datasetPath(place);
    const dataset = await readOne(path, settings, model, session);
    session.tools.reporter.note(`${path}\n${indented(formatReport(dataset))}`);
    parts.push({ name: nameOf(path, parts), dataset, weight: weights?.[i] ?? 1 });
  }
  const [only] = parts;
  const dataset = only && parts.length === 1 ? only.dataset : combineDatasets(parts);
  await session.tell({
    type: "data",
    clips: dataset.clips.length,
    seconds: dataset.clips.reduce((sum, clip) => sum + clip.seconds, 0),
    leftOut: dataset.leftOut.map(problemText),
  });
  return dataset;
}

async function readOne(
  path: string,
  { lists, minimumSeconds, maximumSeconds = Infinity, maximumTextTokens = Infinity }: Wanted,
  model: Model,
  { tools: { reporter, signal } }: Pick<Session, "tools">,
): Promise<Dataset> {
  const { files, list } = await openPlace(path);
  const limits = clipLimits(model);
  return prepareDataset(files, {
    tokenizer: model.tokenizer,
    ...given({ list: lists ?? list, minimumSeconds }),
    maximumSeconds: Math.min(limits.maximumSeconds, maximumSeconds),
    maximumTextTokens: Math.min(limits.maximumTextTokens, maximumTextTokens),
    signal,
    onProgress: ({ done, total }) => reporter.progress(`checking clips ${done}/${total}`),
  });
}

/** The last part of a path, with a number where another dataset has it. */
function nameOf(path: string, others: readonly { readonly name: string }[]): string {
  const name = basename(path);
  const same = others.filter((other) => other.name.replace(/ \d+$/, "") === name).length;
  return same === 0 ? name : `${name} ${same + 1}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
