import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { AR_MEL, AudioError, arMel, decodeMono, type Mel } from "@hawksbill/audio";
import { CliError } from "./cli-error.js";
import { fileProblem } from "./file-problem.js";
import { datasetPath, embedded, exists } from "./place.js";
import { readRunConfig } from "./run/run-config.js";
import { runFiles } from "./run/run-files.js";
import { mostVoiceClips } from "./run/voice-mels.js";

/** Recordings to sound like. */
export interface Voice {
  /** Where they are from. */
  readonly name: string;
  readonly mels: readonly Mel[];
}

/**
 * The voice to speak in.
 *
 * @param paths Files and folders; default the dataset of the model's run, or else the voice inside.
 * @param model The model or run to speak with.
 * @throws {CliError} A file cannot be read, or a folder has no recordings.
 */
export async function readVoice(
  paths: readonly string[] | undefined,
  model: string,
): Promise<Voice> {
  const from = paths ?? [await voiceOf(model)];
  const files: string[] = [];
  for (const path of from) files.push(...(await recordings(path)));
  const mels: Mel[] = [];
  for (const file of files.slice(0, mostVoiceClips)) mels.push(arMel(await readSamples(file)));
  return { name: from.join(", "), mels };
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

async function voiceOf(model: string): Promise<string> {
  if (model === embedded || !(await exists(join(model, runFiles.config))))
    return datasetPath(embedded);
  return datasetPath((await readRunConfig(model)).settings.dataset);
}

const audioExtensions = new Set([".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus"]);

/** The file itself, or the recordings in a folder or in its wavs/. */
async function recordings(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  for (const folder of [path, join(path, "wavs")]) {
    const names = (await readdir(folder).catch(() => [])).filter(
      (name) => audioExtensions.has(extname(name).toLowerCase()) && !name.startsWith("."),
    );
    if (names.length > 0) return names.sort().map((name) => join(folder, name));
  }
  throw new CliError(
    `${path}: there are no recordings in it, nor in ${join(basename(path), "wavs")}; give a folder of WAV, FLAC, MP3 or Ogg files`,
  );
}
