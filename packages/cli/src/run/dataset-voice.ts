import { basename } from "node:path";
import type { Audio } from "@hawksbill/audio";
import { type ClipEntry, clipSounds, readClips } from "@hawksbill/dataset";
import { openPlace } from "@hawksbill/dataset/node";
import { mostVoiceClips, splitClips } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import { datasetPath, exists } from "../place.js";
import { heldOutOf } from "./held-out.js";
import type { RunConfig } from "./run-config.js";

/** Clips of one speaker. */
interface HeardVoice {
  readonly clips: readonly Audio[];
  /** Where several are told apart. */
  readonly speaker?: string | undefined;
}

/**
 * The first clips of a dataset, all of one speaker.
 *
 * @param run One that was trained on it: then none of those clips that it left out or held out.
 * @throws {CliError} The dataset, or what the run was trained on, is not there. {DatasetError} A clip cannot be read.
 */
export async function datasetVoice(place: string, run?: RunConfig): Promise<HeardVoice> {
  const path = datasetPath(place);
  const advice = "say with --voice which clips to sound like";
  if (!(await exists(path)))
    throw new CliError(`${path}: the dataset of the run is not there any more; ${advice}`);
  const { files, list } = await openPlace(path);
  const lists = run?.settings.lists ?? list;
  const { clips } = await readClips(files, lists === undefined ? {} : { list: lists });
  const usable = run ? trainedOn(run, clips) : clips;
  const [first] = usable;
  if (!first)
    throw new CliError(`${path}: has none of the clips that the run was trained on; ${advice}`);
  const { speaker } = first;
  const read = clipSounds(files);
  const sounds: Audio[] = [];
  for (const clip of usable.filter((clip) => clip.speaker === speaker).slice(0, mostVoiceClips))
    sounds.push(await read(clip));
  return { clips: sounds, speaker };
}

/** Those of the clips that a run was trained on. */
function trainedOn({ settings, clips }: RunConfig, found: readonly ClipEntry[]): ClipEntry[] {
  // Clips of several datasets are called by these, too.
  const prefix = settings.moreDatasets ? `${basename(datasetPath(settings.dataset))}/` : "";
  const entries = new Map(found.map((entry) => [prefix + entry.id, entry]));
  const all = clips.map(([id]) => ({ list: "", ...entries.get(id), id }));
  const { training } = splitClips(all, heldOutOf(settings, all), settings.seed);
  return training.flatMap(({ id }) => entries.get(id) ?? []);
}
