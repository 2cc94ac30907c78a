import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AR_MEL, type Audio, AudioError, decodeMono } from "@hawksbill/audio";
import { DatasetError } from "@hawksbill/dataset";
import { blendVoices, mostVoiceClips, type Speaker, type SpeakerVoice } from "@hawksbill/tortoise";
import { openVoice } from "@hawksbill/tortoise/node";
import { CliError } from "./cli-error.js";
import { fileProblem } from "./file-problem.js";
import { count } from "./format.js";
import { datasetPath, embedded, exists, placeOf } from "./place.js";
import type { Reporter } from "./reporter.js";
import { datasetVoice } from "./run/dataset-voice.js";
import { type RunConfig, readRunConfig } from "./run/run-config.js";
import { runFiles } from "./run/run-files.js";

/** Whom to sound like. */
interface Voice {
  /** What it is of, for people. */
  readonly name: string;
  readonly voice: SpeakerVoice;
}

/**
 * The voice to speak in, which is told. Clips of several paths are one voice, and latents are blended.
 *
 * @param paths Clips, folders of them, files of latents, or "random"; default what the model's run was trained on, the
 *   voice inside, or a random one of TorToiSe's.
 * @throws {CliError} A file cannot be read, or there is no voice in it.
 */
export async function readVoice(
  paths: readonly string[] | undefined,
  model: string | undefined,
  { speaker, reporter }: { readonly speaker: Speaker; readonly reporter: Reporter },
): Promise<Voice> {
  const voice =
    paths === undefined
      ? await usualVoice(placeOf(model), speaker, reporter)
      : await givenVoice(paths, speaker);
  reporter.note(`voice: ${voice.name}`);
  return voice;
}

async function givenVoice(paths: readonly string[], speaker: Speaker): Promise<Voice> {
  if (paths.includes("random")) {
    if (paths.length === 1) return randomVoice;
    throw new CliError(
      '--voice: "random" stands alone; make a random voice with `hawksbill voices random`, and blend its file',
    );
  }
  const parts = await Promise.all(paths.map(openPath));
  const name = paths.join(", ");
  if (parts.every(isClips)) {
    const clips = parts.flat();
    return { name: `${count(clips.length, "clip")} of ${name}`, voice: clips };
  }
  const voices = await Promise.all(parts.map((part) => speaker.voice(part)));
  return { name, voice: blendVoices(voices.map((voice) => ({ voice }))) };
}

const randomVoice: Voice = { name: "random", voice: "random" };

async function usualVoice(model: string, { kind }: Speaker, reporter: Reporter): Promise<Voice> {
  if (kind === "tortoise") return randomVoice;
  const run = model === embedded ? undefined : await runOf(model);
  if (!run && model !== embedded)
    reporter.warn(
      `${model} does not say whose voice it was taught: it speaks in the voice that comes with Hawksbill; give --voice, with clips of the one that is meant`,
    );
  const place = run?.settings.dataset ?? embedded;
  const { clips, speaker } = await datasetVoice(place, run);
  const of = speaker === undefined ? "" : `${speaker} in `;
  return { name: `${count(clips.length, "clip")} of ${of}${datasetPath(place)}`, voice: clips };
}

/** The run that a model is of, by the folder of the run or that of the model in it. */
async function runOf(model: string): Promise<RunConfig | undefined> {
  const folders = basename(model) === runFiles.model ? [model, dirname(model)] : [model];
  for (const folder of folders)
    if (await exists(join(folder, runFiles.config))) return readRunConfig(folder);
  return undefined;
}

/** Clips or latents at a path; of a dataset or its list, the first clips. */
export async function openPath(path: string): Promise<Exclude<SpeakerVoice, "random">> {
  const wavs = join(path, "wavs");
  for (const place of [path, wavs])
    if (await hasFiles(place)) return openVoice(place, { mostClips: mostVoiceClips });
  const isDataset = listFile.test(path) || (await readdir(path).catch(() => [])).length > 0;
  const dataset = isDataset ? await datasetVoice(path).catch(noDataset) : undefined;
  return dataset?.clips ?? openVoice(path);
}

const listFile = /\.(csv|tsv|txt|jsonl?)$/i;

/** @throws All errors but that there is no dataset. */
function noDataset(error: unknown): undefined {
  if (error instanceof DatasetError) return undefined;
  throw error;
}

async function hasFiles(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => /\.(wav|flac|mp3|ogg|oga|opus|pth|safetensors)$/i.test(name));
}

function isClips(voice: SpeakerVoice): voice is readonly Audio[] {
  return Array.isArray(voice);
}

/** Reads a recording, mono at 22,050 Hz. @throws {CliError} It cannot be read. */
export async function readSamples(path: string): Promise<Float32Array> {
  return (await readMono(path, AR_MEL)).samples;
}

/** Reads a recording, mono. @throws {CliError} It cannot be read. */
export async function readMono(
  path: string,
  { sampleRateHz }: { readonly sampleRateHz: number },
): Promise<Audio> {
  try {
    return await decodeMono(await readFile(path), { sampleRateHz });
  } catch (cause) {
    const problem = cause instanceof AudioError ? `${path}: ${cause.message}` : fileProblem(cause);
    if (problem === undefined) throw cause;
    throw new CliError(problem, { cause });
  }
}
