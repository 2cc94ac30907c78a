import { AudioError } from "./audio-error.js";

/** Two hours: longer than any chapter of an audiobook. */
const defaultMaxSeconds = 7200;

/** 2 GiB of float32, over all channels: what browsers still give as one memory. */
const maxSamples = 2 ** 29;

/** Ambisonics and film mixes stay below this; a header that says more is damaged. */
const maxChannels = 64;

/** The highest rate that recorders offer. */
const maxRateHz = 768_000;

/** Refuses a header that no real recording has. */
export function checkFormat(kind: string, channelCount: number, sampleRateHz: number): void {
  if (!(channelCount >= 1 && channelCount <= maxChannels)) {
    throw new AudioError(
      `decodeAudio: the ${kind} header says ${channelCount} channels; 1 to ${maxChannels} can be read. The file may be damaged.`,
    );
  }
  if (!(sampleRateHz >= 1 && sampleRateHz <= maxRateHz)) {
    throw new AudioError(
      `decodeAudio: the ${kind} header says ${sampleRateHz} Hz; 1 to ${maxRateHz} Hz can be read. The file may be damaged.`,
    );
  }
}

/** How many samples a channel may have. */
export function lengthLimit(
  channelCount: number,
  sampleRateHz: number,
  maxSeconds: number = defaultMaxSeconds,
): number {
  if (!(maxSeconds > 0)) {
    throw new AudioError(`decodeAudio: maxSeconds is ${maxSeconds}; give a number above 0.`);
  }
  return Math.min(Math.floor(maxSeconds * sampleRateHz), Math.floor(maxSamples / channelCount));
}

/** Refuses audio that is too long. */
export function checkLength(sampleCount: number, limit: number, sampleRateHz: number): void {
  if (sampleCount <= limit) return;
  const seconds = Number((limit / sampleRateHz).toFixed(1));
  throw new AudioError(
    `decodeAudio: the audio is longer than the limit of ${seconds} s; split the file, or raise maxSeconds (at most 2 GiB of samples can be held).`,
  );
}
