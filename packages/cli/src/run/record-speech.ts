import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Audio, encodeWav } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { disposeTree, type Weights } from "@hawksbill/core";
import { DvaeSpeaker, type SplitEvent, sayAgain, sentenceOf } from "@hawksbill/tortoise";
import { merge, mergedLazily, type SavedAdapter } from "@hawksbill/trainer";
import { CliError } from "../cli-error.js";
import { type Job, messageOf } from "./job.js";
import { runFiles } from "./run-files.js";
import { voiceMels } from "./voice-mels.js";

/** Records what there is to compare with: the sentence as it was said, and by the base. */
export async function recordBefore(job: Job, split: SplitEvent): Promise<void> {
  const { samples } = sentenceOf(split);
  await writeWav(job.folder, runFiles.reference, { samples, sampleRateHz: 22_050 });
  await recordSpeech("before", job, split);
}

/** What a training has come to beside the weights of its model. */
export interface Learnt {
  readonly adapter?: SavedAdapter;
  /** In the place of the model's. */
  readonly weights?: Weights;
}

/** Lets the model say the sentence; if it cannot, that is a warning, and no reason to lose a run. */
export async function recordSpeech(
  which: "before" | "after",
  job: Job,
  split: SplitEvent,
): Promise<void> {
  const spoken = await record(runFiles[which], job, split, { mayStop: true });
  if (spoken) await job.session.tell({ type: "speech", which, ...spoken });
}

/**
 * Lets the model of a step say the sentence, with the same seed each time.
 *
 * @param learnt What is to be heard of it, as it is now.
 */
export async function recordSample(
  step: number,
  job: Job,
  split: SplitEvent,
  learnt: Learnt,
): Promise<void> {
  await mkdir(join(job.folder, runFiles.samples), { recursive: true });
  const file = `${runFiles.samples}/step-${`${step}`.padStart(6, "0")}.wav`;
  // Ctrl-C waits for it, as for the step: a checkpoint has the samples of all steps before it.
  const spoken = await record(file, job, split, { mayStop: false, ...learnt });
  if (spoken) await job.session.tell({ type: "sample", step, file, ...spoken });
}

/** Speaks into a file; nothing if the model cannot, which is a warning. @param mayStop Whether Ctrl-C ends it. */
async function record(
  file: string,
  job: Job,
  split: SplitEvent,
  { mayStop, adapter, weights }: Learnt & { readonly mayStop: boolean },
): Promise<{ readonly seconds: number; readonly stopped: boolean } | undefined> {
  const { folder, session } = job;
  const { reporter, signal } = session.tools;
  const isDeaf = job.diffusion !== undefined && job.vocoder === undefined;
  if (isDeaf && file !== runFiles.before) return undefined; // It has been told.
  reporter.progress(`speaking ${file}`);
  const trained = job.diffusion ?? job.model.unifiedVoice;
  let merged: Weights | undefined;
  try {
    if (isDeaf) throw new CliError("no vocoder.pth lies beside the decoder to hear it with");
    const mergeAll = isReduced(job) ? mergedLazily : merge;
    merged = adapter && (await mergeAll(trained, adapter));
    const { audio, stopped } = await spoken(job, split, {
      weights: merged ?? { ...trained, ...weights },
      ...(mayStop ? { signal } : {}),
    });
    await writeWav(folder, file, audio);
    const seconds = Math.round((audio.samples.length / audio.sampleRateHz) * 100) / 100;
    return { seconds, stopped };
  } catch (error) {
    if (mayStop) signal.throwIfAborted();
    const message = `there is no ${file}: ${messageOf(error)}`;
    await session.tell({ type: "warning", message });
    return undefined;
  } finally {
    if (merged) disposeTree(ownOf(merged, trained));
    session.watch.lap("speak");
  }
}

/** The sentence, by the model with these weights in the place of those that are trained. */
async function spoken(
  { settings, model, diffusion, vocoder, session }: Job,
  split: SplitEvent,
  { weights, signal }: { readonly weights: Weights; readonly signal?: AbortSignal },
): Promise<{ readonly audio: Audio; readonly stopped: boolean }> {
  const { seed } = settings;
  const { device } = session.tools;
  const how = { seed, ...(signal ? { signal } : {}) };
  const clip = sentenceOf(split);
  if (!diffusion || !vocoder) {
    const { text } = clip;
    const voice = voiceMels(split.training);
    const speaker = DvaeSpeaker.create({ ...model, unifiedVoice: weights }, device, {
      // As in training, a base whose weights stay in their file shall not come into memory in float32.
      weights: settings.basePrecision === "int8" ? "int8" : "float32",
    });
    return speaker.speak({ text, voice, ...how }).finally(() => speaker.dispose());
  }
  const voices = split.training;
  const request = { model, diffusion: weights, vocoder, clip, voices, device, ...how };
  const audio = await sayAgain(request);
  return { audio, stopped: true }; // Its end is the recording's.
}

/** Whether the model's weights lie in its file, and come into memory in fewer bytes only. */
export function isReduced({ settings }: Pick<Job, "settings">): boolean {
  return settings.basePrecision !== undefined && settings.basePrecision !== "fp32";
}

/** The weights that are not those of the base. */
function ownOf(weights: Weights, base: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights).filter(([name, weight]) => weight !== base[name]),
  );
}

async function writeWav(folder: string, name: string, audio: Audio): Promise<void> {
  await writeFileAtomic(join(folder, name), encodeWav(audio));
}
