/** Mel spectrograms in transformers.js. Its feature extractors are of other models, so this calls what they call. */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const packageFolder = join(
  fileURLToPath(new URL(".", import.meta.url)),
  "node_modules/@huggingface/transformers",
);

/**
 * @param {number} rate 22,050 for UnifiedVoice's mel, or 24,000 for the diffusion decoder's.
 * @returns {Promise<(samples: Float32Array) => Promise<Float32Array>>} Natural logs, [bands, frames].
 */
export async function open(rate) {
  const source = pathToFileURL(join(packageFolder, "src/utils/audio.js"));
  const { mel_filter_bank, spectrogram, window_function } = await import(source.href);
  const [bands, most, scale, power] =
    rate === 22_050 ? [80, 8000, "htk", 2] : [100, 12_000, "slaney", 1];
  const window = window_function(1024, "hann");
  const mel_filters = mel_filter_bank(513, bands, 0, most, rate, "slaney", scale);
  const options = { power, mel_filters, mel_floor: 1e-5, log_mel: "log" };
  return async (samples) => (await spectrogram(samples, window, 1024, 256, options)).data;
}
