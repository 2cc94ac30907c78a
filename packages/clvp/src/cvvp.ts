import type { Mel } from "@hawksbill/audio";
import { inFloat32 } from "@hawksbill/checkpoint";
import {
  type CompiledFunction,
  compile,
  type Device,
  disposeTree,
  ShapeError,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import {
  type CvvpConfig,
  cvvpSpeechLatents,
  cvvpVoiceLatents,
  inferCvvpConfig,
} from "./cvvp-model.js";
import { Judge, type JudgeOptions } from "./judge.js";
import { similarity } from "./similarity.js";

/** A trained CVVP on a device: it tells how well candidates match a voice. */
export class Cvvp {
  readonly config: CvvpConfig;
  readonly #voice: CompiledFunction<[mel: Tensor], Tensor>;
  readonly #judge: Judge;

  private constructor(weights: Weights, device: Device) {
    this.config = inferCvvpConfig(weights);
    // Weights are constants, as in Judge; clips of TorToiSe's are of one length.
    this.#voice = compile((mel) => cvvpVoiceLatents(inFloat32(weights), mel), {
      device,
      name: "Cvvp voice",
      maxPrograms: 1,
    });
    this.#judge = new Judge(device, {
      caller: "Cvvp.similarity",
      title: "CVVP",
      speechTokens: this.config.melCodes,
      score: (codes, voice) => {
        const constants = inFloat32(weights);
        return similarity(constants, voice, cvvpSpeechLatents(constants, codes));
      },
    });
  }

  /**
   * @param weights Named as in cvvp.pth; float16 is taken too. They stay the caller's, and are needed until `dispose`.
   * @throws {CheckpointError} They are not those of a CVVP.
   */
  static create(weights: Weights, device: Device): Cvvp {
    return new Cvvp(weights, device);
  }

  /**
   * How well the voice of each candidate matches clips, the mean over the clips: the higher the better.
   *
   * @param clips Mels of the voice; TorToiSe's have 517 frames, 6 seconds.
   * @param candidates Codes of one length.
   * @returns One number a candidate.
   * @throws {ShapeError} A clip has other bands than the model, or no frames.
   * @throws {RangeError} A code is unknown, or something is empty; or candidates differ in length.
   * @throws {NonFiniteError} The model gave what is no number.
   */
  async similarity(
    clips: readonly Mel[],
    candidates: readonly ArrayLike<number>[],
    options: JudgeOptions = {},
  ): Promise<Float32Array> {
    this.#judge.requireAlive();
    this.#checkClips(clips);
    this.#judge.check(candidates);
    const voice = await this.#meanVoice(clips, options.signal);
    try {
      return await this.#judge.similarities(voice, candidates, options);
    } finally {
      voice.dispose();
    }
  }

  /** Frees the programs; the weights stay the caller's. */
  async dispose(): Promise<void> {
    await Promise.all([this.#voice.release(), this.#judge.release()]);
  }

  /** The mean of the clips' latents: similarity is linear in them, so it gives the mean similarity. [1, latentDim] */
  async #meanVoice(clips: readonly Mel[], signal?: AbortSignal): Promise<Tensor> {
    const mean = new Float32Array(this.config.latentDim);
    for (const { data, bands, frames } of clips) {
      signal?.throwIfAborted();
      this.#judge.requireAlive();
      const made = [tensor(data, { shape: [1, bands, frames] })];
      try {
        const latent = await this.#voice(made[0] as Tensor);
        made.push(latent);
        const values = await latent.data();
        for (let i = 0; i < mean.length; i++)
          mean[i] = (mean[i] as number) + (values[i] as number) / clips.length;
      } finally {
        disposeTree(made);
      }
    }
    return tensor(mean, { shape: [1, mean.length] });
  }

  #checkClips(clips: readonly Mel[]): void {
    const { melBands } = this.config;
    if (clips.length === 0)
      throw new RangeError("Cvvp.similarity: there is no clip of the voice; give at least one");
    for (const [i, { data, bands, frames }] of clips.entries()) {
      if (bands !== melBands || frames < 1 || data.length !== bands * frames)
        throw new ShapeError(
          `Cvvp.similarity: clip ${i} is [${bands}, ${frames}] with ${data.length} numbers; give [${melBands}, frames]`,
        );
      const bad = data.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0)
        throw new RangeError(
          `Cvvp.similarity: clip ${i} holds ${data[bad]} at ${bad}; give finite numbers`,
        );
    }
  }
}
