import type { AudioEncoder } from "./formats/audio-encoder.js";
import { openPcm } from "./formats/pcm.js";
import { openWav } from "./formats/wav.js";

/** What speech is sent as. */
export interface AudioFormat {
  readonly mimeType: string;
  /** The rates it can have, from low to high; any where it is left out. */
  readonly ratesHz?: readonly number[];
  open(sampleRateHz: number): Promise<AudioEncoder>;
}

export type AudioFormatName = "mp3" | "opus" | "flac" | "wav" | "pcm";

/** Formats by their names in OpenAI's API. An encoder is imported when it is first used. */
export const audioFormats: { readonly [Name in AudioFormatName]: AudioFormat } = {
  mp3: {
    mimeType: "audio/mpeg",
    ratesHz: [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000],
    open: async (rate) => (await import("./formats/mp3.js")).openMp3(rate),
  },
  opus: {
    mimeType: "audio/ogg; codecs=opus",
    ratesHz: [24_000, 48_000],
    open: async (rate) =>
      (await import("./formats/opus.js")).openOpus(rate === 24_000 ? rate : 48_000),
  },
  flac: {
    mimeType: "audio/flac",
    open: async (rate) => (await import("./formats/flac.js")).openFlac(rate),
  },
  wav: { mimeType: "audio/wav", open: async (rate) => openWav(rate) },
  // As at OpenAI: raw samples do not tell their rate.
  pcm: { mimeType: "audio/pcm", ratesHz: [24_000], open: async () => openPcm() },
};

/** The lowest rate a format has that loses nothing, or else its highest. */
export function rateIn({ ratesHz }: AudioFormat, sampleRateHz: number): number {
  if (ratesHz === undefined) return sampleRateHz;
  return ratesHz.find((rate) => rate >= sampleRateHz) ?? (ratesHz.at(-1) as number);
}
