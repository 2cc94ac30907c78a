import { AR_MEL, type DecodedAudio, decodeAudio, resample, toMono } from "@hawksbill/audio";
import type { Files } from "./files.js";
import { Unusable, withoutStop } from "./unusable.js";

/** Below this (-80 dB of full scale) no sample of speech was recorded: the microphone was off. */
const silence = 1e-4;

/**
 * A clip's audio, mono at 22,050 Hz.
 *
 * @throws {Unusable} The file is missing, damaged or silent, or lasts too short or too long.
 * @throws {AudioError} The file is no audio that can be read.
 */
export async function clipSamples(
  files: Files,
  path: string,
  limits: { readonly minimumSeconds: number; readonly maximumSeconds: number },
): Promise<Float32Array> {
  const audio = await decode(files, path);
  const { samples, sampleRateHz } = toMono(audio);
  const seconds = samples.length / sampleRateHz;
  if (seconds < limits.minimumSeconds)
    throw new Unusable(
      `lasts ${seconds.toFixed(2)} s, less than ${limits.minimumSeconds} s`,
      "join it with its neighbour, or leave it out",
    );
  if (seconds > limits.maximumSeconds)
    throw new Unusable(
      `lasts ${seconds.toFixed(2)} s, more than ${limits.maximumSeconds} s`,
      "cut it at pauses into shorter clips, each with its own text",
    );
  if (!samples.every(Number.isFinite))
    throw new Unusable("has samples that are no numbers", "save it again from the recording");
  if (samples.every((sample) => Math.abs(sample) < silence))
    throw new Unusable("is silent", "record it again, or take the line out");
  return resample(samples, sampleRateHz, AR_MEL.sampleRateHz);
}

async function decode(files: Files, path: string): Promise<DecodedAudio> {
  const bytes = await files.read(path).catch((error: unknown) => {
    throw new Unusable(`cannot be read: ${error}`, "see that you may read it");
  });
  if (!bytes) throw new Unusable("is missing", "add the file, or take the line out");
  const audio = await decodeAudio(bytes);
  const [warning] = audio.warnings;
  if (warning === undefined) return audio;
  // Part of the sound is missing, so it does not say all of the text.
  throw new Unusable(`is damaged: ${withoutStop(warning)}`, "save it again from the recording");
}
