import type { Mel } from "@hawksbill/audio";
import { inFloat32 } from "@hawksbill/checkpoint";
import {
  type CompiledFunction,
  compile,
  concat,
  type Device,
  DisposedError,
  disposeTree,
  literal,
  NonFiniteError,
  QuantizedWeights,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  toNumbers,
  type Weights,
} from "@hawksbill/core";
import { alignedEmbedding, type Speech, unconditionedEmbedding } from "./align.js";
import { contextualEmbedder } from "./conditioning-latent.js";
import { type DiffusionConfig, inferDiffusionConfig } from "./config.js";
import { denoiserMatrices } from "./denoise.js";
import { guidedDenoise } from "./guided-denoise.js";
import { toLogMel } from "./mel.js";
import { runSampler } from "./run-sampler.js";
import {
  checkedLengths,
  type Lengths,
  noiseFor,
  plannedSteps,
  refuseStrangers,
  type SampleOptions,
} from "./sample-options.js";
import type { SamplerStep } from "./samplers.js";
import { modulations, timestepFeatures } from "./timesteps.js";

interface StepInputs {
  readonly speech: Tensor;
  readonly modulations: Tensor;
  readonly guidance: Tensor;
}

/** The weights of each program that is given some: others would be copied to a GPU, or read from a file, for nothing. */
const parts = {
  hear: /^contextual_embedder\./,
  align: /^(latent_conditioner|code_embedding|code_converter|code_norm|unconditioned_embedding)/,
  modulations: /^time_embed\.|\.emb_layers\./,
  /** As constants, ONNX Runtime would unroll each table to [heads, frames, frames]. */
  denoise: /^(layers|conditioning_timestep_integrator)\..*\.relative_pos_embeddings\./,
};

export interface DiffusionOptions {
  /**
   * "float32" (default), or "int8": the matrices of the steps in 8 bits, a quarter of the memory, which is twice as fast
   * on processors. How much less exact that is, is in `docs/performance.md`.
   */
  readonly weights?: "float32" | "int8";
}

/** A diffusion decoder on a device: latents or codes, and a voice, become a mel spectrogram. */
export class Diffusion {
  readonly config: DiffusionConfig;
  readonly #weights: Record<string, Tensor>;
  /** Of the steps. */
  readonly #constants: QuantizedWeights;
  readonly #hear: CompiledFunction<[Weights, Tensor], Tensor>;
  readonly #align: CompiledFunction<[Weights, Speech, Tensor, number, boolean], Tensor>;
  readonly #modulations: CompiledFunction<[Weights, Tensor], Tensor>;
  readonly #denoise: CompiledFunction<[Weights, Tensor, StepInputs], Tensor>;
  #disposed = false;

  private constructor(weights: Weights, device: Device, options: DiffusionOptions) {
    this.config = inferDiffusionConfig(weights);
    this.#weights = { ...weights };
    this.#constants = new QuantizedWeights(weights, options.weights ?? "float32", {
      device,
      names: denoiserMatrices,
    });
    this.#hear = compile((w, mel) => sum(contextualEmbedder(w, mel), 2), {
      device,
      name: "Diffusion.hear",
    });
    this.#align = compile(
      (w, speech, voice, frames, guided) => {
        const told = alignedEmbedding(w, speech, voice, frames);
        return guided ? concat([told, unconditionedEmbedding(w, frames)], 0) : told;
      },
      { device, name: "Diffusion.align", keepOnDevice: true },
    );
    this.#modulations = compile(modulations, { device, name: "Diffusion.modulations" });
    // The other weights are constants here: on a GPU they stay there, from a file they are mapped.
    this.#denoise = compile(
      (tables, x, inputs) =>
        guidedDenoise({ ...inFloat32(this.#constants.weights), ...tables }, x, inputs),
      { device, name: "Diffusion.denoise", maxPrograms: 2 },
    );
  }

  /**
   * @param weights Named as in diffusion_decoder.pth; float16 is taken too. They stay the caller's.
   * @throws {CheckpointError} They are not those of a diffusion decoder.
   */
  static create(weights: Weights, device: Device, options: DiffusionOptions = {}): Diffusion {
    return new Diffusion(weights, device, options);
  }

  /**
   * The voice of reference clips: the mean over all of their time.
   *
   * @param mels As `tacotronMel` gives them, not normalised; at best of 4.3 s (102,400 samples), as TorToiSe's.
   * @param options.signal Aborting ends the listening before the next clip, with the signal's reason.
   * @returns Twice as many numbers as the model is wide.
   * @throws {ShapeError} There is no clip, or one does not fit the model.
   * @throws {NonFiniteError} The model gave what is no number.
   */
  async conditioning(
    mels: readonly Mel[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Float32Array> {
    this.#requireOpen("conditioning");
    const { modelChannels, bands } = this.config;
    if (mels.length === 0)
      throw new ShapeError("Diffusion.conditioning: there is no clip; give at least one");
    const voice = new Float64Array(2 * modelChannels);
    const points = mels.map(({ frames }) => Math.ceil(frames / 4));
    const all = points.reduce((a, b) => a + b, 0);
    const part = await this.#part("hear");
    for (const mel of mels) {
      signal?.throwIfAborted();
      this.#requireOpen("conditioning");
      if (mel.bands !== bands || mel.frames < 1 || mel.data.length !== bands * mel.frames)
        throw new ShapeError(
          `Diffusion.conditioning: a mel spectrogram has ${mel.bands} bands, ${mel.frames} frames and ${mel.data.length} numbers; give ${bands} bands, 1 frame or more, and bands · frames numbers`,
        );
      const clip = tensor(mel.data, { shape: [1, bands, mel.frames] });
      const heard = await numbersOf(() => this.#hear(part, clip), [clip]);
      requireFinite("conditioning", heard, "a clip's voice");
      for (let i = 0; i < voice.length; i++)
        voice[i] = (voice[i] as number) + (heard[i] as number) / all;
    }
    return Float32Array.from(voice);
  }

  /**
   * The mel spectrogram of latents or codes in a voice, for a vocoder: natural logs, as `tacotronMel` gives them.
   *
   * A program is made for each number of frames, because padding would change the result; two are kept.
   *
   * @throws {ShapeError} Arrays do not fit the model or one another.
   * @throws {RangeError} An option is unknown, or out of its range.
   * @throws {TypeError} There is no noise to begin with.
   * @throws {NonFiniteError} The model gave what is no number.
   */
  async sample(options: SampleOptions): Promise<Mel> {
    this.#requireOpen("sample");
    refuseStrangers(options);
    const { guidance = 2, guidanceCourse = "ramped", signal, onProgress } = options;
    const lengths = checkedLengths(options, this.config);
    const plan = plannedSteps(options);
    const steps = plan.length;
    const { bands } = this.config;
    const { frames } = lengths;
    const noise = noiseFor(bands * frames, options, plan);
    signal?.throwIfAborted();

    const modulationsOf = await this.#modulationsOf(plan);
    const tables = await this.#part("denoise");
    await this.#constants.ready();
    const speech = await this.#speech(options, lengths, guidance > 0);
    try {
      const data = await runSampler(plan, {
        start: noise.start,
        noise: noise.ofStep,
        predict: async (x, { progress }, i) => {
          signal?.throwIfAborted();
          this.#requireOpen("sample");
          const mel = tensor(x, { shape: [1, bands, frames] });
          const share = guidanceCourse === "ramped" ? progress : 1;
          const inputs = { modulations: modulationsOf(i), guidance: tensor([guidance * share]) };
          const said = await numbersOf(
            () => this.#denoise(tables, mel, { speech, ...inputs }),
            [mel, inputs],
          );
          requireFinite("sample", said, `the model's answer in step ${i + 1} of ${steps}`);
          return said;
        },
        onStep: (state, i) => onProgress?.({ step: i + 1, steps, state }),
      });
      return { data: toLogMel(data), bands, frames };
    } finally {
      speech.dispose();
    }
  }

  /** Frees the programs; the weights stay the caller's. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const program of [this.#hear, this.#align, this.#modulations, this.#denoise])
      await program.release();
    await this.#constants.dispose();
  }

  /** Speech and voice, and with guidance also their absence: the same in all steps. [1 or 2, channels, frames] */
  async #speech(
    options: SampleOptions,
    { codes, frames }: Lengths,
    guided: boolean,
  ): Promise<Tensor> {
    const part = await this.#part("align");
    this.#requireOpen("sample");
    const speech =
      "latents" in options
        ? { latents: tensor(options.latents, { shape: [1, codes, this.config.latentChannels] }) }
        : { codes: tensor(Int32Array.from(options.codes), { shape: [1, codes] }) };
    const voice = tensor(options.conditioning, { shape: [1, 2 * this.config.modelChannels] });
    try {
      return await this.#align(part, speech, voice, frames, guided);
    } finally {
      disposeTree([speech, voice]);
    }
  }

  /** What the timestep does to the model, for all steps at once. [1, blocks, 2 · channels] each */
  async #modulationsOf(steps: readonly SamplerStep[]): Promise<(step: number) => Tensor> {
    const { modelChannels } = this.config;
    const part = await this.#part("modulations");
    this.#requireOpen("sample");
    const timesteps = steps.map(({ timestep }) => timestep);
    const features = timestepFeatures(timesteps, modelChannels);
    const all = await numbersOf(() => this.#modulations(part, features), [features]);
    const size = all.length / steps.length;
    const shape = [1, size / (2 * modelChannels), 2 * modelChannels];
    return (i) => tensor(all.subarray(i * size, (i + 1) * size), { shape });
  }

  /** The weights that a program is given; those in float16 are widened once, since as inputs not every GPU takes them. */
  async #part(program: keyof typeof parts): Promise<Weights> {
    const part: Record<string, Tensor> = {};
    for (const [name, weight] of Object.entries(this.#weights)) {
      if (!parts[program].test(name)) continue;
      const { dtype, shape } = weight;
      part[name] =
        dtype === "float16" ? literal(toNumbers(await weight.data(), dtype), { shape }) : weight;
    }
    Object.assign(this.#weights, part);
    return part;
  }

  #requireOpen(method: string): void {
    if (this.#disposed)
      throw new DisposedError(`Diffusion.${method}: this decoder was disposed of; create another`);
  }
}

/** What a program gives; frees that and what was made for it. */
async function numbersOf(run: () => Promise<Tensor>, made: unknown): Promise<Float32Array> {
  try {
    const result = await run();
    const data = (await result.data()) as Float32Array;
    result.dispose();
    return data;
  } finally {
    disposeTree(made);
  }
}

/** @throws {NonFiniteError} One of the numbers is NaN or infinite. */
function requireFinite(method: string, numbers: Float32Array, what: string): void {
  if (numbers.every(Number.isFinite)) return;
  throw new NonFiniteError(
    `Diffusion.${method}: ${what} is NaN or infinite; look for such numbers in what was given and in the weights`,
  );
}
