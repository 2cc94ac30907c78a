import { type Random, ShapeError } from "@hawksbill/core";
import type { DiffusionConfig } from "./config.js";
import { type Sampler, type SamplerStep, samplerSteps } from "./samplers.js";

/** Options of `Diffusion.sample`. */
export type SampleOptions = {
  /** The voice, as `Diffusion.conditioning` gives it. */
  readonly conditioning: Float32Array;
  /** Length of the mel; default `framesFor(codes)`. Others within half and twice of it change the tempo. */
  readonly frames?: number;
  /** Default "dpm++2m". */
  readonly sampler?: Sampler;
  /** How often the model is asked, 2 to 4000; default 30. */
  readonly steps?: number;
  /** How far to go from what the model would say without speech and voice; default 2, 0 takes half the time. */
  readonly guidance?: number;
  /** "ramped" (default): guidance grows from nearly 0 at the first step to its full amount at the last; or "constant". */
  readonly guidanceCourse?: "ramped" | "constant";
  /** For "ddim": how much of the ancestral sampler's noise is added again, 0 (default: none) to 1. */
  readonly eta?: number;
  /** Scale of the noise to begin with; default 1. */
  readonly temperature?: number;
  /** Draws the noise; needed unless `noise` is given. */
  readonly random?: Random;
  readonly noise?: Noise;
  /** Aborting ends the sampling before the next step, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onProgress?: (progress: SampleProgress) => void;
} & (
  | {
      /** The autoregressive model's, [codes, latentChannels], row-major. */
      readonly latents: Float32Array;
    }
  | {
      /** Without start and stop tokens. */
      readonly codes: ArrayLike<number>;
    }
);

/** Normal numbers, [bands, frames] each, e.g. to repeat what another program drew. */
export interface Noise {
  readonly start: Float32Array;
  /** Of a step, counted from 0; asked for only where the sampler draws. */
  readonly ofStep?: (step: number) => Float32Array;
}

export interface SampleProgress {
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  /** The mel as it is now, still with noise and normalised to [-1, 1], [bands, frames]. */
  readonly state: Float32Array;
}

export interface Lengths {
  readonly codes: number;
  readonly frames: number;
}

/** Frames of mel (24 kHz, 256 samples each) for so many codes (22.05 kHz, 1024 samples each). */
export function framesFor(codes: number): number {
  return Math.floor((codes * 4 * 24_000) / 22_050);
}

/** The options that do not depend on what is spoken. */
type SampleSettings = Pick<
  SampleOptions,
  "sampler" | "steps" | "eta" | "guidance" | "guidanceCourse" | "temperature"
>;

/** Every option there is; the compiler sees to it that none is forgotten. */
const optionNames: { readonly [Name in keyof SampleOptions | "latents" | "codes"]-?: true } = {
  latents: true,
  codes: true,
  conditioning: true,
  frames: true,
  sampler: true,
  steps: true,
  guidance: true,
  guidanceCourse: true,
  eta: true,
  temperature: true,
  random: true,
  noise: true,
  signal: true,
  onProgress: true,
};

/** @throws {RangeError} An option would be ignored. */
export function refuseStrangers(options: SampleOptions): void {
  for (const name of Object.keys(options))
    if (!Object.hasOwn(optionNames, name))
      throw new RangeError(
        `Diffusion.sample: there is no option "${name}"; give one of ${Object.keys(optionNames).join(", ")}`,
      );
}

/**
 * The steps that `Diffusion.sample` will take: where codes take long to be drawn, to be asked for before.
 *
 * @throws {RangeError} One of the options is out of its range.
 */
export function plannedSteps(settings: SampleSettings): SamplerStep[] {
  const { sampler = "dpm++2m", steps = 30, eta = 0 } = settings;
  const { guidance = 2, guidanceCourse = "ramped", temperature = 1 } = settings;
  for (const [name, value] of Object.entries({ guidance, temperature }))
    if (!(value >= 0 && value < Infinity))
      throw new RangeError(`Diffusion.sample: ${name} is ${value}; give 0 or more`);
  if (guidanceCourse !== "ramped" && guidanceCourse !== "constant")
    throw new RangeError(
      `Diffusion.sample: guidanceCourse is "${guidanceCourse}"; give "ramped" or "constant"`,
    );
  if (eta > 0 && sampler !== "ddim")
    throw new RangeError(
      `Diffusion.sample: eta is ${eta}, which the sampler "${sampler}" works without; leave it out, or give the sampler "ddim"`,
    );
  return samplerSteps({ sampler, steps, eta });
}

/**
 * How many codes are to be spoken, in how many frames.
 *
 * @throws {ShapeError} Arrays do not fit the model or one another.
 * @throws {RangeError} A number is out of its range.
 * @throws {TypeError} There is no noise to begin with.
 */
export function checkedLengths(options: SampleOptions, config: DiffusionConfig): Lengths {
  const { conditioning, random, noise } = options;
  const codes = codeCount(options, config);
  const usual = framesFor(codes);
  const { frames = usual } = options;
  if (!Number.isInteger(frames) || frames < usual / 2 || frames > usual * 2)
    throw new RangeError(
      `Diffusion.sample: frames is ${frames} for ${codes} codes; give a whole number from ${Math.ceil(usual / 2)} to ${usual * 2}, or leave it out for ${usual}`,
    );
  if (conditioning.length !== 2 * config.modelChannels)
    throw new ShapeError(
      `Diffusion.sample: conditioning has ${conditioning.length} numbers; give the ${2 * config.modelChannels} of this model's conditioning()`,
    );
  if (!random && !noise)
    throw new TypeError(
      "Diffusion.sample: there is no noise to begin with; give random: new Random(seed)",
    );
  return { codes, frames };
}

function codeCount(options: SampleOptions, { latentChannels, tokens }: DiffusionConfig): number {
  if ("latents" in options) {
    const { length } = options.latents;
    if (length === 0 || length % latentChannels !== 0)
      throw new ShapeError(
        `Diffusion.sample: latents has ${length} numbers; give ${latentChannels} for each code, of 1 code or more`,
      );
    return length / latentChannels;
  }
  const codes = Array.from(options.codes);
  const stranger = codes.find((code) => !(Number.isInteger(code) && code >= 0 && code < tokens));
  if (codes.length === 0 || stranger !== undefined)
    throw new RangeError(
      `Diffusion.sample: codes ${stranger === undefined ? "are none" : `have ${stranger}`}; give whole numbers from 0 to ${tokens - 1}, 1 or more`,
    );
  return codes.length;
}

/**
 * Noise for a mel of so many numbers, given or drawn.
 *
 * @param plan The steps that it is for.
 * @throws {ShapeError} Given noise has another length, or there is none for the steps.
 */
export function noiseFor(
  size: number,
  { noise, random, temperature = 1 }: Pick<SampleOptions, "noise" | "random" | "temperature">,
  plan: readonly SamplerStep[],
): Required<Noise> {
  const checked = (numbers: Float32Array | undefined, what: string): Float32Array => {
    if (numbers?.length !== size)
      throw new ShapeError(
        `Diffusion.sample: the noise ${what} has ${numbers?.length ?? 0} numbers; give ${size}, one for each band and frame`,
      );
    return numbers;
  };
  const drawn = (label: string | number): Float32Array | undefined => {
    const numbers = random?.fork(label).normal([size]);
    const data = numbers?.dataSync() as Float32Array | undefined;
    numbers?.dispose();
    return data;
  };
  const firstDrawn = plan.findIndex(({ logVariance }) => logVariance);
  if (noise && !noise.ofStep && firstDrawn >= 0) checked(undefined, `of step ${firstDrawn}`);
  const start = checked(noise ? noise.start : drawn("start"), "to begin with");
  return {
    start: temperature === 1 ? start : start.map((x) => x * temperature),
    ofStep: (step) => checked(noise ? noise.ofStep?.(step) : drawn(step), `of step ${step}`),
  };
}
