import type { Audio, Mel } from "@hawksbill/audio";
import type { Device, Random, Tensor, Weights } from "@hawksbill/core";
import { checkNumbers } from "./check-numbers.js";
import { Network } from "./network.js";
import {
  inferUnivnetConfig,
  type UnivnetConfig,
  type UnivnetSettings,
  univnetHop,
} from "./univnet-config.js";
import { silence, tailFrames, univnet, univnetReach } from "./univnet-model.js";
import { VocoderError } from "./vocoder-error.js";
import { cutFrames, inWindows } from "./windows.js";

const sampleRateHz = 24_000;

/** Where the noise comes from that becomes the waveform. */
export type UnivnetOptions = (
  | { readonly random: Random }
  /** Of the normal distribution, [noiseDim, frames + 10], row-major. */
  | { readonly noise: Float32Array }
) & {
  /** Frames that are computed at once; a longer mel is cut, and what comes out is the same. Default 512. */
  readonly chunkFrames?: number;
  /** Aborting ends the work before the next chunk, with the signal's reason. */
  readonly signal?: AbortSignal;
};

/** A trained UnivNet on a device: TorToiSe's vocoder, from a mel spectrogram to 24 kHz sound. */
export class Univnet {
  readonly config: UnivnetConfig;
  readonly #network: Network;

  private constructor(weights: Weights, config: UnivnetConfig, device: Device) {
    this.config = config;
    this.#network = new Network("UnivNet", weights, device, (all, [mel, noise]) =>
      univnet(all, mel as Tensor, noise as Tensor, config),
    );
  }

  /**
   * @param weights Named as those below "model_g" in vocoder.pth, with weight normalisation or without it; float16 is
   *   taken too. They stay the caller's, and are needed until `dispose`.
   * @throws {CheckpointError} They are not those of a UnivNet.
   */
  static create(weights: Weights, device: Device, options: UnivnetSettings = {}): Univnet {
    return new Univnet(weights, inferUnivnetConfig(weights, options), device);
  }

  /**
   * The sound of a mel spectrogram. Ten frames of silence are put behind it, as in TorToiSe, and cut off again.
   *
   * @param mel Natural log of mel magnitudes, not normalised: `tacotronMel` of @hawksbill/audio, or what the
   *   diffusion decoder gives.
   * @returns frames · hop samples.
   * @throws {VocoderError} The mel has other bands than the weights or no frames, something is no number, or
   *   `chunkFrames` is too small.
   */
  async inference({ data, bands, frames }: Mel, options: UnivnetOptions): Promise<Audio> {
    const { config } = this;
    const who = "Univnet.inference";
    this.#network.requireAlive(who);
    if (bands !== config.bands || !(frames >= 1))
      throw new VocoderError(
        `${who}: the mel is [${bands}, ${frames}]; give [${config.bands}, frames].`,
      );
    checkNumbers(who, "the mel", data, [bands, frames]);
    const { chunkFrames: length = 512, signal } = options;
    const total = frames + tailFrames;
    const noise = "noise" in options ? options.noise : drawn(options.random, config, total);
    checkNumbers(who, "the noise", noise, [config.noiseDim, total]);

    const longer = withTail(data, frames);
    const [hop, margin] = [univnetHop(config), univnetReach(config)];
    const samples = await inWindows(who, total, { length, margin, hop, signal }, (window) => {
      const count = window.end - window.start;
      return this.#network.run(
        who,
        [cutFrames(longer, total, window), [1, bands, count]],
        [cutFrames(noise, total, window), [1, config.noiseDim, count]],
      );
    });
    return { samples: samples.slice(0, frames * hop), sampleRateHz };
  }

  /** Frees the programs; the weights stay the caller's. */
  async dispose(): Promise<void> {
    await this.#network.dispose();
  }
}

function drawn(random: Random, { noiseDim }: UnivnetConfig, frames: number): Float32Array {
  const noise = random.normal([noiseDim, frames]);
  const data = noise.dataSync() as Float32Array;
  noise.dispose();
  return data;
}

/** A mel with silence behind. @param data [bands, frames]. */
function withTail(data: Float32Array, frames: number): Float32Array {
  const bands = data.length / frames;
  const longer = new Float32Array(bands * (frames + tailFrames)).fill(silence);
  for (let band = 0; band < bands; band++)
    longer.set(data.subarray(band * frames, (band + 1) * frames), band * (frames + tailFrames));
  return longer;
}
