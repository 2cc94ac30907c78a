import { AR_MEL } from "@hawksbill/audio";
import { mean, Random, type Weights } from "@hawksbill/core";
import { diffusionLosses, inferDiffusionConfig } from "@hawksbill/diffusion";
import { framesPerCode } from "@hawksbill/dvae";
import type { Losses } from "@hawksbill/trainer";
import { defaultPrograms } from "../default-programs.js";
import type { FinetuneEvent } from "../finetune-options.js";
import { adapterRateFactor } from "../plan.js";
import { requireTrainingOptions } from "../require-finetune-options.js";
import { runTraining } from "../run-training.js";
import { scheduleNamed } from "../schedule-named.js";
import { splitClips } from "../split-clips.js";
import { TortoiseError } from "../tortoise-error.js";
import { adapterOf, allWeights, type TrainedWeights } from "../trained-weights.js";
import { type DiffusionLossBatch, diffusionBatches } from "./diffusion-batches.js";
import type { DiffusionFinetuneOptions } from "./diffusion-finetune-options.js";
import { type HeardClip, hearClips } from "./heard-clips.js";

/** Of full fine-tuning; what DL-Art-School's example has. */
export const diffusionRate = 1e-5;

/**
 * Parts that no latent goes through: what hears the voice stays as it is, so that voices mean what they did, and what
 * reads codes in place of latents is not used. Were they given to an optimiser, they would decay.
 */
const untrained = /^(contextual_embedder|code_embedding|code_converter)\./;

/** What an adapter changes where nobody says it: the matrices of attention and of the residual blocks. */
const adaptedLayers = ["latent_conditioner", "conditioning_timestep_integrator", "layers"].flatMap(
  (part) =>
    (part === "latent_conditioner"
      ? ["qkv", "proj_out"]
      : ["qkv", "proj_out", "in_layers.2", "out_layers.3"]
    ).map((layer) => `${part}.*.${layer}`),
);

/**
 * Fine-tunes TorToiSe's diffusion decoder on a voice: UnifiedVoice says what it thinks at each code of the clips, and
 * the decoder learns to make the clips' mel spectrograms of that.
 *
 * Steps and evaluations have the metrics `noise` (mean squared error of the noise), `variational` (bits by which the
 * step back is off) and `guess` (error of the mel that is guessed without noise); the loss is their sum, and `tokens` are
 * frames. Evaluations take the same noise at the same timesteps each time.
 *
 * @returns Events as they happen; the trained weights are `diffusion` itself.
 * @throws {TortoiseError} An option makes no sense, or decoder and model do not fit.
 * @throws {RangeError} An option has a value that it does not take.
 * @throws {CheckpointError} `diffusion` is not a diffusion decoder's.
 * @throws {DatasetError} There are too few clips. {TrainingError} Training failed; it says what was kept.
 */
export async function* finetuneDiffusion(
  options: DiffusionFinetuneOptions,
): AsyncGenerator<FinetuneEvent, void, undefined> {
  const { model, diffusion, clips, steps = 100, batchSize = 8 } = options;
  const { heldOut = 0.15, seed = 0, unconditioned = 0.1, guessWeight = 1 } = options;
  const { conditioningClips = 2, balance = 0, longestSeconds = 10 } = options;
  const { evaluateEvery = Math.max(1, Math.ceil(steps / 5)) } = options;
  const { learningRate = options.adapter ? adapterRateFactor * diffusionRate : diffusionRate } =
    options;
  const config = inferDiffusionConfig(diffusion);
  requireTrainingOptions("finetuneDiffusion", options);
  requireSense({ unconditioned, balance, guessWeight, longestSeconds, conditioningClips });
  requireFit(config.latentChannels, model.config.modelDim);

  const parts = splitClips(clips, heldOut, seed);
  yield { type: "split", ...parts };
  const heard: HeardClip[] = [];
  for await (const clip of hearClips(clips, { ...options, voices: parts.training, seed })) {
    heard.push(clip);
    yield { type: "encode", done: heard.length, total: clips.length };
  }
  const heldOutIds = new Set(parts.heldOut.map(({ id }) => id));
  const training = heard.filter(({ id }) => !heldOutIds.has(id));
  const measured = heard.filter(({ id }) => heldOutIds.has(id));

  const size = Object.values(diffusion).reduce((sum, weight) => sum + weight.size, 0);
  const { programs = defaultPrograms(size) } = options;
  const warnings: string[] = [];
  const samplesPerCode = framesPerCode(model.dvaeConfig) * AR_MEL.hopSamples;
  const { epoch, evaluation } = diffusionBatches(training, measured, {
    ...{ config, batchSize, seed, unconditioned, conditioningClips, balance },
    longestCodes: Math.max(1, Math.floor((longestSeconds * AR_MEL.sampleRateHz) / samplesPerCode)),
    options: { guessWeight, recompute: programs === "blocks" },
    onWarning: (message) => warnings.push(message),
  });
  for (const message of warnings) yield { type: "warning", message };

  const { trained, frozen } = await trainedOf(options, seed);
  const loss = (weights: Weights, { batch, options, tokens }: DiffusionLossBatch): Losses => {
    const all = trained.seen({ ...frozen, ...trained.frozen, ...weights });
    const { loss, mse, variational, guess } = diffusionLosses(all, batch, options);
    const means = { noise: mean(mse), variational: mean(variational), guess: mean(guess) };
    return { loss, ...means, tokens };
  };
  try {
    if (trained.adapter) yield { type: "adapter", adapter: trained.adapter };
    yield* runTraining<DiffusionLossBatch>(
      {
        ...options,
        ...{ steps, learningRate, evaluateEvery },
        weightDecay: options.weightDecay ?? 0.001,
        betas: options.betas ?? [0.9, 0.999],
        schedule: scheduleNamed(learningRate, steps, options.schedule),
        random: new Random(seed),
      },
      {
        ...{ trained, loss, batches: epoch },
        heldOut:
          measured.length > 0 ? () => evaluation(new Random(seed).fork("evaluation")) : undefined,
      },
    );
  } finally {
    trained.dispose();
  }
}

async function trainedOf(
  { diffusion, adapter }: DiffusionFinetuneOptions,
  seed: number,
): Promise<{ readonly trained: TrainedWeights; readonly frozen: Weights }> {
  if (adapter) {
    const random = new Random(seed).fork("adapter");
    const chosen = { layers: adaptedLayers, ...adapter };
    return {
      trained: await adapterOf(diffusion, chosen, { precision: "fp32", random }),
      frozen: {},
    };
  }
  const all = Object.entries(diffusion);
  const part = (isTrained: boolean): Weights =>
    Object.fromEntries(all.filter(([name]) => untrained.test(name) !== isTrained));
  return { trained: allWeights(part(true)), frozen: part(false) };
}

function requireSense(given: Readonly<Record<string, number>>): void {
  const { unconditioned = 0, balance = 0, guessWeight = 0 } = given;
  const { longestSeconds = 1, conditioningClips = 1 } = given;
  const wrong = (name: string, value: number, wanted: string): TortoiseError =>
    new TortoiseError(`finetuneDiffusion: ${name} is ${value}; give ${wanted}`);
  for (const [name, share] of Object.entries({ unconditioned, balance }))
    if (!(share >= 0 && share <= 1)) throw wrong(name, share, "a number from 0 to 1");
  if (!(guessWeight >= 0 && guessWeight < Infinity))
    throw wrong("guessWeight", guessWeight, "a number of 0 or more");
  if (!(longestSeconds > 0)) throw wrong("longestSeconds", longestSeconds, "a number above 0");
  if (!Number.isInteger(conditioningClips) || conditioningClips < 1)
    throw wrong("conditioningClips", conditioningClips, "a whole number >= 1");
}

function requireFit(latentChannels: number, modelDim: number): void {
  if (latentChannels !== modelDim)
    throw new TortoiseError(
      `finetuneDiffusion: the decoder reads latents of ${latentChannels} numbers, the UnifiedVoice has ${modelDim}; give a decoder and a UnifiedVoice that belong together`,
    );
}
