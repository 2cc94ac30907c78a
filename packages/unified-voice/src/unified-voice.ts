import type { Mel } from "@hawksbill/audio";
import { inFloat32 } from "@hawksbill/checkpoint";
import {
  type CompiledFunction,
  compile,
  type Device,
  DisposedError,
  disposeTree,
  NonFiniteError,
  ShapeError,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { type Batch, type BatchOptions, makeBatch, type TrainingItem } from "./batch.js";
import { conditioningEncoder } from "./conditioning-encoder.js";
import { inferConfig, melBands, type UnifiedVoiceConfig } from "./config.js";
import { Decoder, type DecoderOptions } from "./decoder.js";
import type { Prompt } from "./embeddings.js";
import {
  type Generated,
  type GenerateOptions,
  generate,
  generateSteps,
  type SpokenCode,
} from "./generate.js";
import type { Likelihood } from "./likelihood.js";
import { type LossOptions, trainingLosses } from "./training-losses.js";
import { UnifiedVoiceError } from "./unified-voice-error.js";

/** Losses of some clips, as numbers. */
export interface MeasuredLosses {
  readonly loss: number;
  readonly text: number;
  readonly mel: number;
}

/** A trained model on a device: text and a voice become codes. */
export class UnifiedVoice {
  readonly config: UnifiedVoiceConfig;
  readonly #weights: Weights;
  readonly #decoder: Decoder;
  /** The decoder, or one beside it that has float32 weights. */
  readonly #exact: Decoder;
  readonly #conditioning: CompiledFunction<[mel: Tensor], Tensor>;
  readonly #losses: CompiledFunction<
    [Weights, Batch, LossOptions],
    { loss: Tensor; text: Tensor; mel: Tensor }
  >;
  #disposed = false;

  private constructor(
    weights: Weights,
    config: UnifiedVoiceConfig,
    device: Device,
    options: DecoderOptions,
  ) {
    this.config = config;
    this.#weights = weights;
    this.#decoder = new Decoder(weights, config, device, options);
    const isExact = (options.weights ?? "float32") === "float32";
    this.#exact = isExact ? this.#decoder : new Decoder(weights, config, device);
    const { heads, conditioningBlocks: blocks } = config;
    // Its weights are constants: as inputs they would be read from their file for every clip, and all others, too.
    this.#conditioning = compile(
      (mel) => conditioningEncoder(inFloat32(weights), mel, { heads, blocks }),
      { device, name: "conditioning", maxPrograms: 2 },
    );
    this.#losses = compile(
      (weights, batch, options) => {
        const { loss, text, mel } = trainingLosses(inFloat32(weights), batch, config, options);
        return { loss, text, mel };
      },
      { device, name: "losses" },
    );
  }

  /**
   * A model of given weights.
   *
   * @param weights float16 is taken too, by `loss` only where the device has it. They stay the caller's and are read when
   *   first needed: of what is changed in them later only `loss` knows.
   * @param options.heads See `inferConfig`.
   * @param options.weights What codes are generated with, see `DecoderOptions`; all else is computed in float32.
   * @throws {CheckpointError} The weights are not a UnifiedVoice's.
   */
  static create(
    weights: Weights,
    device: Device,
    options: { readonly heads?: number } & DecoderOptions = {},
  ): UnifiedVoice {
    return new UnifiedVoice(weights, inferConfig(weights, options), device, options);
  }

  /**
   * The voice of reference clips: the mean of what the conditioning encoder makes of each.
   *
   * @param mels At best of 6 s, as TorToiSe's; they may differ in length.
   * @param options.signal Aborting ends the listening before the next clip, with the signal's reason.
   * @returns As many numbers as the model is wide.
   * @throws {UnifiedVoiceError} There is no clip.
   * @throws {ShapeError} A clip does not fit the model.
   * @throws {NonFiniteError} The model gave what is no number.
   */
  async conditioning(
    mels: readonly Mel[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Float32Array> {
    if (mels.length === 0)
      throw new UnifiedVoiceError("conditioning: there is no clip; give at least one");
    const voice = new Float32Array(this.config.modelDim);
    for (const mel of mels) {
      signal?.throwIfAborted();
      const heard = await this.#heard(mel);
      for (let i = 0; i < voice.length; i++)
        voice[i] = (voice[i] as number) + (heard[i] as number) / mels.length;
    }
    return voice;
  }

  /** What the conditioning encoder makes of a clip. */
  async #heard({ data, bands, frames }: Mel): Promise<Float32Array> {
    this.#requireOpen("conditioning");
    if (bands !== melBands || frames < 1 || data.length !== bands * frames)
      throw new ShapeError(
        `conditioning: a mel has ${bands} bands, ${frames} frames and ${data.length} numbers; give ${melBands} bands, 1 frame or more, and bands · frames numbers`,
      );
    const mel = tensor(data, { shape: [1, bands, frames] });
    const made = [mel];
    try {
      const encoded = await this.#conditioning(mel);
      made.push(encoded);
      const values = (await encoded.data()) as Float32Array;
      if (!values.every(Number.isFinite))
        throw new NonFiniteError(
          "conditioning: a clip's voice is NaN or infinite; look for such numbers in its mel and in the weights",
        );
      return values;
    } finally {
      disposeTree(made);
    }
  }

  /** Speaks prompts: see `GenerateOptions`. */
  generate(prompts: readonly Prompt[], options: GenerateOptions = {}): Promise<Generated[]> {
    return generate(this.#decoder, prompts, this.config, options);
  }

  /** The same, step by step as codes are drawn: see `generateSteps`. */
  generateSteps(
    prompts: readonly Prompt[],
    options: GenerateOptions = {},
  ): AsyncGenerator<readonly SpokenCode[]> {
    return generateSteps(this.#decoder, prompts, this.config, options);
  }

  /**
   * The states that predicted each code, for the diffusion decoder.
   *
   * @returns [codes, dim], row-major.
   * @throws {UnifiedVoiceError} A token or code is not the model's, or there are none or too many.
   */
  latents(prompt: Prompt, codes: ArrayLike<number>): Promise<Float32Array> {
    return this.#exact.latents(prompt, codes);
  }

  /**
   * How likely known codes are, each after those before it, and the end behind each of them.
   *
   * @param codes At most one less than the model has positions for.
   * @throws {UnifiedVoiceError} A token or code is not the model's, or there are too many.
   */
  likelihood(prompt: Prompt, codes: ArrayLike<number>): Promise<Likelihood> {
    return this.#exact.likelihood(prompt, codes);
  }

  /** How far the model is from clips, e.g. from those held out of its training. */
  async loss(
    items: readonly TrainingItem[],
    options: LossOptions & BatchOptions = {},
  ): Promise<MeasuredLosses> {
    this.#requireOpen("loss");
    const { recipe, padTo, tortoiseCompat, ...lossOptions } = options;
    const batch = makeBatch(items, this.config, options);
    const made: unknown[] = [batch];
    try {
      const losses = await this.#losses(this.#weights, batch, lossOptions);
      made.push(losses);
      const { loss, text, mel } = losses;
      return { loss: await loss.item(), text: await text.item(), mel: await mel.item() };
    } finally {
      disposeTree(made);
    }
  }

  /** Frees the programs as soon as no step is under way; the weights stay the caller's. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#decoder.dispose();
    await this.#exact.dispose();
    for (const program of [this.#conditioning, this.#losses]) await program.release();
  }

  #requireOpen(method: string): void {
    if (this.#disposed)
      throw new DisposedError(`${method}: this model was disposed of; create another`);
  }
}
