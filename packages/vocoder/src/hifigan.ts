import type { Audio } from "@hawksbill/audio";
import type { Device, Tensor, Weights } from "@hawksbill/core";
import { checkNumbers } from "./check-numbers.js";
import {
  type HifiganConfig,
  type HifiganSettings,
  hifiganHop,
  inferHifiganConfig,
} from "./hifigan-config.js";
import { FrameStream, hifiganFrames } from "./hifigan-frames.js";
import { hifigan, hifiganReach, latentFrames } from "./hifigan-model.js";
import { Network } from "./network.js";
import { VocoderError } from "./vocoder-error.js";
import { checkWindow, cutFrames, inWindows, nextWindow } from "./windows.js";

const sampleRateHz = 24_000;

export interface HifiganOptions {
  /** Frames that are computed at once; what is longer is cut, and what comes out is the same. Default 512. */
  readonly chunkFrames?: number;
  /** Aborting ends the work before the next chunk, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A trained HiFi-GAN decoder on a device: from UnifiedVoice's latents straight to 24 kHz sound. */
export class HifiganDecoder {
  readonly config: HifiganConfig;
  readonly #frames: Network;
  readonly #network: Network;

  private constructor(weights: Weights, config: HifiganConfig, device: Device) {
    this.config = config;
    const title = "HiFi-GAN decoder";
    this.#frames = new Network(title, {}, device, (_, [latents]) =>
      latentFrames(latents as Tensor),
    );
    this.#network = new Network(title, weights, device, (all, [frames, speaker]) =>
      hifigan(all, frames as Tensor, speaker as Tensor, config),
    );
  }

  /**
   * @param weights Named as in hifidecoder.pth, with weight normalisation or without it; float16 is taken too. They
   *   stay the caller's, and are needed until `dispose`.
   * @throws {CheckpointError} They are not those of a HiFi-GAN decoder.
   */
  static create(weights: Weights, device: Device, options: HifiganSettings = {}): HifiganDecoder {
    return new HifiganDecoder(weights, inferHifiganConfig(weights, options), device);
  }

  /**
   * The sound of latents in a voice.
   *
   * @param latents As `UnifiedVoice.latents` gives them, [codes, latentDim], row-major.
   * @param speakerLatent The voice, as `UnifiedVoice.conditioning` gives it.
   * @returns About 1115 samples a code: floor(codes · 4 · 24000 / 22050) frames of 256.
   * @throws {VocoderError} There are no latents, they or the voice have another size than the weights, something is
   *   no number, or `chunkFrames` is too small.
   */
  async inference(
    latents: Float32Array,
    speakerLatent: Float32Array,
    { chunkFrames: length = 512, signal }: HifiganOptions = {},
  ): Promise<Audio> {
    const { config } = this;
    const { latentDim, speakerDim } = config;
    const who = "HifiganDecoder.inference";
    this.#network.requireAlive(who);
    const codes = latents.length / latentDim;
    if (!(Number.isInteger(codes) && codes >= 1))
      throw new VocoderError(
        `${who}: the latents are ${latents.length} numbers; give ${latentDim} for each code, and one code or more.`,
      );
    checkNumbers(who, "the latents", latents, [codes, latentDim]);
    checkNumbers(who, "the speaker's latent", speakerLatent, [1, speakerDim]);

    const data = await this.#frames.run(who, [latents, [1, codes, latentDim]]); // [latentDim, frames]
    const frames = hifiganFrames(codes);
    const [hop, margin] = [hifiganHop(config), hifiganReach(config)];
    const samples = await inWindows(who, frames, { length, margin, hop, signal }, (window) =>
      this.#sound(who, cutFrames(data, frames, window), speakerLatent),
    );
    return { samples, sampleRateHz };
  }

  /**
   * The same sound in chunks, each as soon as the latents are there that can change it: those of its own frames and of
   * a few behind them (15 frames with the released decoder, 0.16 s).
   *
   * @param latents Stretches of any length, [codes, latentDim] each. The next is asked for when nothing more can be
   *   said without it.
   * @param options.chunkFrames Frames that are computed at once, of which those at the margins are computed again with
   *   the next ones; default 64 more than the margins.
   * @throws {VocoderError} As `inference`.
   */
  async *stream(
    latents: AsyncIterable<Float32Array> | Iterable<Float32Array>,
    speakerLatent: Float32Array,
    options: HifiganOptions = {},
  ): AsyncGenerator<Audio> {
    const who = "HifiganDecoder.stream";
    const { latentDim, speakerDim } = this.config;
    const [hop, margin] = [hifiganHop(this.config), hifiganReach(this.config)];
    const { chunkFrames: length = 2 * margin + 64, signal } = options;
    checkWindow(who, length, margin);
    checkNumbers(who, "the speaker's latent", speakerLatent, [1, speakerDim]);
    const frames = new FrameStream(latentDim);
    let from = 0;
    for await (const stretch of followedByEnd(latents)) {
      signal?.throwIfAborted();
      this.#network.requireAlive(who);
      if (stretch === "end") frames.end();
      else {
        checkNumbers(who, "the latents", stretch, [
          Math.ceil(stretch.length / latentDim),
          latentDim,
        ]);
        frames.push(stretch);
      }
      for (;;) {
        const window = nextWindow(from, frames, { length, margin });
        if (!window) break;
        signal?.throwIfAborted();
        const { start, end, to } = window;
        const all = await this.#sound(who, frames.cut(start, end), speakerLatent);
        yield { samples: all.slice((from - start) * hop, (to - start) * hop), sampleRateHz };
        from = to;
      }
    }
    if (from === 0)
      throw new VocoderError(`${who}: there are no latents; give those of one code or more.`);
  }

  #sound(who: string, frames: Float32Array, speakerLatent: Float32Array): Promise<Float32Array> {
    const { latentDim, speakerDim } = this.config;
    return this.#network.run(
      who,
      [frames, [1, latentDim, frames.length / latentDim]],
      [speakerLatent, [1, speakerDim]],
    );
  }

  /** Frees the programs; the weights stay the caller's. */
  async dispose(): Promise<void> {
    await Promise.all([this.#frames.dispose(), this.#network.dispose()]);
  }
}

async function* followedByEnd<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T | "end"> {
  yield* items;
  yield "end";
}
