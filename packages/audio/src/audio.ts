import { AudioError } from "./audio-error.js";

/** One voice: the waveform every other function of this package takes or returns. */
export type Audio = {
  /** Mono, nominally in [-1, 1]. */
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
};

/** What a file holds, before anything is mixed or resampled. */
export type DecodedAudio = {
  /** One array per channel, all of one length. */
  readonly channels: readonly Float32Array[];
  readonly sampleRateHz: number;
  /** What was wrong with the file and how it was read all the same, e.g. that its end is missing. */
  readonly warnings: readonly string[];
};

/** The limits for files from strangers. */
export type DecodeOptions = {
  /** Longest audio to accept. A small compressed file can expand to hours of silence. Default 7200. */
  readonly maxSeconds?: number;
};

/**
 * Turns channels into one: their average, or the one channel asked for.
 *
 * @throws {AudioError} There is no such channel.
 */
export function toMono(
  { channels, sampleRateHz }: Pick<DecodedAudio, "channels" | "sampleRateHz">,
  options: { readonly channel?: number } = {},
): Audio {
  const [first] = channels;
  if (!first) throw new AudioError("toMono: there are 0 channels; give at least 1.");
  if (options.channel !== undefined) {
    const samples = channels[options.channel];
    if (samples) return { samples, sampleRateHz };
    const last = channels.length - 1;
    throw new AudioError(`toMono: there is no channel ${options.channel}; give 0 to ${last}.`);
  }
  if (channels.length === 1) return { samples: first, sampleRateHz };
  const samples = new Float32Array(first.length);
  const share = 1 / channels.length;
  for (const channel of channels) {
    for (const [i, sample] of channel.entries())
      samples[i] = (samples[i] as number) + sample * share;
  }
  return { samples, sampleRateHz };
}
