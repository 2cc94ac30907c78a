import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AR_MEL, type Audio, AudioError, decodeMono } from "@hawksbill/audio";
import { blendVoices, type Speaker, type SpeakerVoice } from "@hawksbill/tortoise";
import { openVoice } from "@hawksbill/tortoise/node";
import { CliError } from "./cli-error.js";
import { fileProblem } from "./file-problem.js";
import { count } from "./format.js";
import { datasetPath, embedded, exists, placeOf } from "./place.js";
import { datasetVoice } from "./run/dataset-voice.js";
import { readRunConfig } from "./run/run-config.js";
import { runFiles } from "./run/run-files.js";
import { mostVoiceClips } from "./run/voice-mels.js";

/** Whom to sound like. */
export interface Voice {
  /** What it is of, for people. */
  readonly name: string;
  readonly voice: SpeakerVoice;
}

/**
 * The voice to speak in. Clips of several paths are one voice, and latents are blended.
 *
 * @param paths Clips, folders of them, files of latents, or "random"; default what the model's run was trained on, the
 *   voice inside, or a random one of TorToiSe's.
 * @throws {CliError} A file cannot be read, or there is no voice in it.
 */
export async function readVoice(
  paths: readonly string[] | undefined,
  model: string | undefined,
  speaker: Speaker,
): Promise<Voice> {
  if (paths === undefined) return usualVoice(placeOf(model), speaker);
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

async function usualVoice(model: string, { kind }: Speaker): Promise<Voice> {
  if (kind === "tortoise") return randomVoice;
  const isRun = model !== embedded && (await exists(join(model, runFiles.config)));
  const run = isRun ? await readRunConfig(model) : undefined;
  const place = run?.settings.dataset ?? embedded;
  const { clips, speaker } = await datasetVoice(place, run);
  const of = speaker === undefined ? "" : `${speaker} in `;
  return { name: `${count(clips.length, "clip")} of ${of}${datasetPath(place)}`, voice: clips };
}

/** Clips or latents at a path; of a dataset, the clips in its wavs/. */
export async function openPath(path: string): Promise<Exclude<SpeakerVoice, "random">> {
  const wavs = join(path, "wavs");
  const place = (await hasFiles(path)) || !(await hasFiles(wavs)) ? path : wavs;
  return openVoice(place, { mostClips: mostVoiceClips });
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
