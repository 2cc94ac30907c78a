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
  type Batch,
  type BatchOptions,
  type ConditioningMel,
  makeBatch,
  type TrainingItem,
} from "./batch.js";
import { checkCodes, checkTokens } from "./check-input.js";
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
import { type LossOptions, trainingLosses } from "./training-losses.js";
import { UnifiedVoiceError } from "./unified-voice-error.js";

/** Losses of some clips, as numbers. */
export interface MeasuredLosses {
  readonly loss: number;
  readonly text: number;
  readonly mel: number;
}

/** A trained model on a device: text and a voice become codes. It uses the weights, which stay the caller's. */
export class UnifiedVoice {
  readonly config: UnifiedVoiceConfig;
  readonly #weights: Weights;
  readonly #decoder: Decoder;
  /** The decoder, or one beside it that has float32 weights. */
  readonly #exact: Decoder;
  readonly #conditioning: CompiledFunction<[Weights, Tensor], Tensor>;
  readonly #losses: CompiledFunction<
    [Weights, Batch, LossOptions],
    { loss: Tensor; text: Tensor; mel: Tensor }
  >;

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
    this.#conditioning = compile(
      (weights, mel) => conditioningEncoder(weights, mel, { heads, blocks }),
      { device, name: "conditioning" },
    );
    this.#losses = compile(
      (weights, batch, options) => {
        const { loss, text, mel } = trainingLosses(weights, batch, config, options);
        return { loss, text, mel };
      },
      { device, name: "losses" },
    );
  }

  /**
   * A model of given weights.
   *
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
   * @returns As many numbers as the model is wide.
   */
  async conditioning(mels: readonly ConditioningMel[]): Promise<Float32Array> {
    if (mels.length === 0)
      throw new UnifiedVoiceError("conditioning: there is no clip; give at least one");
    const voice = new Float32Array(this.config.modelDim);
    for (const { data, bands, frames } of mels) {
      if (bands !== melBands || frames < 1)
        throw new ShapeError(
          `conditioning: a mel is [${bands}, ${frames}]; give [${melBands}, frames]`,
        );
      const mel = tensor(data, { shape: [1, bands, frames] });
      const encoded = await this.#conditioning(this.#weights, mel);
      const values = (await encoded.data()) as Float32Array;
      for (let i = 0; i < voice.length; i++)
        voice[i] = (voice[i] as number) + (values[i] as number) / mels.length;
      disposeTree([mel, encoded]);
    }
    return voice;
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
   */
  async latents(prompt: Prompt, codes: ArrayLike<number>): Promise<Float32Array> {
    const { config } = this;
    checkTokens("latents", prompt.tokens, config);
    checkCodes("latents", codes, config);
    return this.#exact.latents(prompt, codes);
  }

  /** How far the model is from clips, e.g. from those held out of its training. */
  async loss(
    items: readonly TrainingItem[],
    options: LossOptions & BatchOptions = {},
  ): Promise<MeasuredLosses> {
    const { recipe, padTo, tortoiseCompat, ...lossOptions } = options;
    const batch = makeBatch(items, this.config, options);
    const { loss, text, mel } = await this.#losses(this.#weights, batch, lossOptions);
    const numbers = { loss: await loss.item(), text: await text.item(), mel: await mel.item() };
    disposeTree([batch, loss, text, mel]);
    return numbers;
  }

  /** Frees the programs; the weights stay the caller's. */
  async dispose(): Promise<void> {
    await this.#decoder.dispose();
    await this.#exact.dispose();
    for (const program of [this.#conditioning, this.#losses]) await program.release();
  }
}
