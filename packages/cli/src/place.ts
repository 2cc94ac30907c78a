import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { modelFiles } from "@hawksbill/tortoise";
import { runFiles } from "./run/run-files.js";

/** How settings call the model and the voice that come with Hawksbill. */
export const embedded = "embedded";

/** A folder's place that holds wherever the command is run from next. */
export function placeOf(path: string | undefined): string {
  return path === undefined ? embedded : resolve(path);
}

/** The folder of a model's files, given that folder or the one of the run that made it. */
export async function modelPath(place: string): Promise<string> {
  if (place === embedded) return fileURLToPath(modelFolder);
  const inRun = join(place, runFiles.model);
  return (await exists(join(inRun, modelFiles.unifiedVoice))) ? inRun : place;
}

/** The folder of a dataset. */
export function datasetPath(place: string): string {
  return place === embedded ? fileURLToPath(voiceFolder) : place;
}

/** Whether there is a file or folder. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
