import { type MelFilterbankOptions, melFilterbank } from "./mel-filterbank.js";
import { MEL_NORMS } from "./mel-norms.js";
import { stftMagnitudes } from "./stft.js";

/** A mel spectrogram. */
export type Mel = {
  /** [bands, frames]. */
  readonly data: Float32Array;
  readonly bands: number;
  readonly frames: number;
};

/** The front end of the dVAE and of UnifiedVoice's conditioning: 80 bands of power at 22,050 Hz. */
export const AR_MEL = {
  sampleRateHz: 22050,
  size: 1024,
  hop: 256,
  bands: 80,
  lowHz: 0,
  highHz: 8000,
  scale: "htk",
} as const satisfies MelFilterbankOptions & { hop: number };

/** The front end of the diffusion decoder and of UnivNet: 100 bands of magnitude at 24,000 Hz. */
export const TACOTRON_MEL = {
  sampleRateHz: 24000,
  size: 1024,
  hop: 256,
  bands: 100,
  lowHz: 0,
  highHz: 12000,
  scale: "slaney",
} as const satisfies MelFilterbankOptions & { hop: number };

/** Below this a band counts as silent: the logarithm's floor. */
const floor = 1e-5;

/** Range of the tacotron mel's logarithm, mapped to -1 … 1. */
const tacotronRange = { low: Math.log(floor), high: 2.3143386840820312 };

/**
 * Log-mel power spectrogram of a mono waveform, as the dVAE and UnifiedVoice expect it.
 *
 * @param samples In [-1, 1] at 22,050 Hz.
 * @param options.melNorms What each band is divided by; default the released 80 numbers, null for none.
 * @returns [bands=80, frames = 1 + floor(samples / 256)].
 * @throws {AudioError} There are 512 samples or fewer.
 * @see torchaudio.transforms.MelSpectrogram(22050, n_fft=1024, hop_length=256, n_mels=80, f_max=8000,
 *   norm="slaney"), of which it is the logarithm to 1e-3.
 */
export function arMel(
  samples: Float32Array,
  { melNorms = MEL_NORMS }: { readonly melNorms?: Float32Array | null } = {},
): Mel {
  const mel = logMel(samples, AR_MEL, 2);
  if (melNorms === null) return mel;
  return scaleBands(mel, (band) => 1 / (melNorms[band] ?? 1));
}

/**
 * Log-mel magnitude spectrogram of a mono waveform, as the diffusion decoder expects it.
 *
 * @param samples At 24,000 Hz; clipped to [-1, 1].
 * @param options.normalise Map the logarithms to [-1, 1], as for the diffusion's target; default false,
 *   as for its conditioning.
 * @returns [bands=100, frames = 1 + floor(samples / 256)].
 * @throws {AudioError} There are 512 samples or fewer.
 */
export function tacotronMel(
  samples: Float32Array,
  { normalise = false }: { readonly normalise?: boolean } = {},
): Mel {
  const mel = logMel(
    samples.map((x) => Math.max(-1, Math.min(1, x))),
    TACOTRON_MEL,
    1,
  );
  if (!normalise) return mel;
  const { low, high } = tacotronRange;
  return { ...mel, data: mel.data.map((x) => (2 * (x - low)) / (high - low) - 1) };
}

/** ln(max(filterbank · |STFT|^power, floor)). */
function logMel(
  samples: Float32Array,
  options: MelFilterbankOptions & { readonly hop: number },
  power: 1 | 2,
): Mel {
  const { bands } = options;
  const { data: magnitudes, frames, bins } = stftMagnitudes(samples, options);
  const filters = filterbankOf(options);
  const data = new Float32Array(bands * frames);
  for (let t = 0; t < frames; t++) {
    const spectrum = magnitudes.subarray(t * bins, (t + 1) * bins);
    if (power === 2) for (let k = 0; k < bins; k++) spectrum[k] = (spectrum[k] ?? 0) ** 2;
    for (let band = 0; band < bands; band++) {
      const { first, weights } = filters[band] as Filter;
      let sum = 0;
      for (let i = 0; i < weights.length; i++)
        sum += (weights[i] ?? 0) * (spectrum[first + i] ?? 0);
      data[band * frames + t] = Math.log(Math.max(sum, floor));
    }
  }
  return { data, bands, frames };
}

/** The part of a filter that is not zero. */
type Filter = { readonly first: number; readonly weights: Float32Array };

function filterbankOf(options: MelFilterbankOptions): readonly Filter[] {
  const all = melFilterbank(options);
  const bins = options.size / 2 + 1;
  return Array.from({ length: options.bands }, (_, band) => {
    const row = all.subarray(band * bins, (band + 1) * bins);
    const first = Math.max(
      0,
      row.findIndex((w) => w > 0),
    );
    const last = row.findLastIndex((w) => w > 0);
    return { first, weights: row.subarray(first, last + 1) };
  });
}

function scaleBands(mel: Mel, factor: (band: number) => number): Mel {
  const { bands, frames } = mel;
  const data = mel.data.map((x, i) => x * factor(Math.floor(i / frames)));
  return { data, bands, frames };
}
