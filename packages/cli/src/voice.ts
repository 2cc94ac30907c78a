import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AR_MEL, type Audio, AudioError, decodeMono } from "@hawksbill/audio";
import { Random } from "@hawksbill/core";
import { DatasetError } from "@hawksbill/dataset";
import {
  blendVoices,
  mostVoiceClips,
  type Speaker,
  type SpeakerVoice,
  type SpeechRequest,
  TortoiseError,
} from "@hawksbill/tortoise";
import { clipFile, latentsFile, openVoice } from "@hawksbill/tortoise/node";
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
  /** As a request has it, with how clips are heard, unless they were heard already. */
  readonly heard: Pick<SpeechRequest, "voice" | "conditioning">;
}

interface VoiceTools {
  readonly speaker: Speaker;
  readonly reporter: Reporter;
  /** How clips are heard, and how those that are to be blended are drawn. */
  readonly request: Pick<SpeechRequest, "conditioning" | "seed">;
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
  tools: VoiceTools,
): Promise<Voice> {
  const voice =
    paths === undefined ? await usualVoice(placeOf(model), tools) : await givenVoice(paths, tools);
  tools.reporter.note(`voice: ${voice.name}`);
  return voice;
}

async function givenVoice(paths: readonly string[], tools: VoiceTools): Promise<Voice> {
  const { speaker, reporter, request } = tools;
  if (paths.includes("random")) {
    if (paths.length === 1) return randomVoice(tools);
    throw new CliError(
      '--voice: "random" stands alone; make a random voice with `hawksbill voices random`, and blend its file',
    );
  }
  const parts = await Promise.all(paths.map((path) => openPath(path, reporter)));
  const name = paths.join(", ");
  if (parts.every(isClips)) {
    const clips = parts.flat();
    return { name: `${count(clips.length, "clip")} of ${name}`, heard: asked(clips, request) };
  }
  const hasClips = parts.some(isClips);
  const voices = await Promise.all(
    parts.map((part, i) => {
      // Latents take no conditioning, and say so where it was meant for them.
      const options = isClips(part) || !hasClips ? request.conditioning : {};
      const random = voiceRandom(request);
      return named(paths[i] as string, speaker.voice(part, { ...options, random }));
    }),
  );
  return { name, heard: { voice: blendVoices(voices.map((voice) => ({ voice }))) } };
}

function asked(
  voice: SpeakerVoice,
  { conditioning }: VoiceTools["request"],
): Pick<SpeechRequest, "voice" | "conditioning"> {
  return { voice, ...(conditioning ? { conditioning } : {}) };
}

/** What draws a voice: which 6 s of its clips are heard, or what it is if it is made up. As in `Speaker.speak`. */
export function voiceRandom({ seed = 0 }: Pick<SpeechRequest, "seed">): Random {
  return new Random(seed).fork("voice");
}

/** What goes wrong with a voice, with its name. */
export async function named<T>(name: string, voice: Promise<T>): Promise<T> {
  return voice.catch((cause: unknown) => {
    if (!(cause instanceof TortoiseError) || cause.message.startsWith(name)) throw cause;
    throw new CliError(`${name}: ${cause.message}`, { cause });
  });
}

function randomVoice({ request }: VoiceTools): Voice {
  return { name: "random", heard: asked("random", request) };
}

async function usualVoice(model: string, tools: VoiceTools): Promise<Voice> {
  const { reporter, request } = tools;
  if (tools.speaker.kind === "tortoise") return randomVoice(tools);
  const run = model === embedded ? undefined : await runOf(model);
  if (!run && model !== embedded)
    reporter.warn(
      `${model} does not say whose voice it was taught: it speaks in the voice that comes with Hawksbill; give --voice, with clips of the one that is meant`,
    );
  const place = run?.settings.dataset ?? embedded;
  const { clips, speaker } = await datasetVoice(place, run);
  const of = speaker === undefined ? "" : `${speaker} in `;
  return {
    name: `${count(clips.length, "clip")} of ${of}${datasetPath(place)}`,
    heard: asked(clips, request),
  };
}

/** The run that a model is of, by the folder of the run or that of the model in it. */
async function runOf(model: string): Promise<RunConfig | undefined> {
  const folders = basename(model) === runFiles.model ? [model, dirname(model)] : [model];
  for (const folder of folders)
    if (await exists(join(folder, runFiles.config))) return readRunConfig(folder);
  return undefined;
}

/** Clips or latents at a path; of a folder, a dataset or its list, the first clips. */
export async function openPath(
  path: string,
  reporter: Pick<Reporter, "warn">,
): Promise<Exclude<SpeakerVoice, "random">> {
  const wavs = join(path, "wavs");
  for (const place of [path, wavs]) {
    const all = await readdir(place).catch(() => []);
    const names = all.filter((name) => !name.startsWith("."));
    const clips = names.filter((name) => clipFile.test(name)).length;
    if (clips > mostVoiceClips)
      reporter.warn(
        `${place}: has ${clips} clips, of which the first ${mostVoiceClips} by name are heard; choose those that sound best`,
      );
    if (clips > 0 || names.some((name) => latentsFile.test(name)))
      return openVoice(place, { mostClips: mostVoiceClips });
  }
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

export function isClips(voice: SpeakerVoice): voice is readonly Audio[] {
  return Array.isArray(voice);
}

/** Reads a recording, mono at 22,050 Hz. @throws {CliError} It cannot be read. */
export async function readSamples(path: string): Promise<Float32Array> {
  try {
    return (await decodeMono(await readFile(path), AR_MEL)).samples;
  } catch (cause) {
    const problem = cause instanceof AudioError ? `${path}: ${cause.message}` : fileProblem(cause);
    if (problem === undefined) throw cause;
    throw new CliError(problem, { cause });
  }
}
