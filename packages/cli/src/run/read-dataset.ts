import { AR_MEL } from "@hawksbill/audio";
import { type Dataset, formatReport, prepareDataset, problemText } from "@hawksbill/dataset";
import { openPlace } from "@hawksbill/dataset/node";
import { framesPerCode } from "@hawksbill/dvae";
import type { Model } from "@hawksbill/tortoise";
import { datasetPath } from "../place.js";
import type { RunSettings } from "./run-config.js";
import type { Session } from "./session.js";

/** The clips of a dataset that a model can learn from; tells what was found and what was left out. */
export async function readDataset(
  settings: Pick<RunSettings, "dataset" | "lists">,
  model: Model,
  session: Pick<Session, "tools" | "tell">,
): Promise<Dataset> {
  const { reporter, signal } = session.tools;
  const path = datasetPath(settings.dataset);
  const { files, list } = await openPlace(path);
  const lists = settings.lists ?? list;
  const dataset = await prepareDataset(files, {
    tokenizer: model.tokenizer,
    ...(lists === undefined ? {} : { list: lists }),
    ...clipLimits(model),
    signal,
    onProgress: ({ done, total }) => reporter.progress(`checking clips ${done}/${total}`),
  });
  reporter.note(`${path}\n${indented(formatReport(dataset))}`);
  await session.tell({
    type: "data",
    clips: dataset.clips.length,
    seconds: dataset.clips.reduce((sum, clip) => sum + clip.seconds, 0),
    leftOut: dataset.leftOut.map(problemText),
  });
  return dataset;
}

/** What a model has positions for, within what TorToiSe is trained on: 11.61 s and 200 tokens. */
export function clipLimits({ config, dvaeConfig }: Model): {
  maximumSeconds: number;
  maximumTextTokens: number;
} {
  const codeSeconds = (framesPerCode(dvaeConfig) * AR_MEL.hopSamples) / AR_MEL.sampleRateHz;
  // One code less: that of the frame which a whole clip's last samples may begin.
  const longest = Math.floor((config.maxMelTokens - 1) * codeSeconds * 100) / 100;
  return {
    maximumSeconds: Math.min(11.61, longest),
    maximumTextTokens: Math.min(200, config.maxTextTokens),
  };
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
