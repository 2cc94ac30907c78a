import {
  add,
  exp,
  greater,
  less,
  log,
  maximum,
  mean,
  mul,
  reshape,
  ShapeError,
  split,
  square,
  stopGradient,
  sub,
  type Tensor,
  tanh,
  tensor,
  type Weights,
  where,
} from "@hawksbill/core";
import { alignedEmbedding, type Speech, unconditionedEmbedding } from "./align.js";
import { conditioningLatent } from "./conditioning-latent.js";
import { denoise } from "./denoise.js";
import { convolution } from "./layers.js";
import { posterior, type Schedule, trainedSchedule } from "./schedule.js";
import { modulations, timestepFeatures } from "./timesteps.js";

/** Clips to train on; all of one length, because padding would change what the group norms see. */
export interface DiffusionBatch {
  /** What is to be learned, normalised to [-1, 1], [batch, bands, frames]. */
  readonly mel: Tensor;
  /** Normal numbers, [batch, bands, frames]. */
  readonly noise: Tensor;
  /** How much of the noise each clip gets. */
  readonly timesteps: TrainingTimesteps;
  readonly speech: Speech;
  /**
   * The voices: conditioning mels, not normalised, [batch, clips, bands, frames], through which the
   * contextual embedder learns too; or what it made of them before, [batch, 2 · channels].
   */
  readonly conditioning: Tensor;
  /** bool [batch], true where the model shall know neither speech nor voice, for guidance; default nowhere. */
  readonly unconditioned?: Tensor;
}

/** What the losses need to know of each clip's timestep, [batch, channels] and [batch, 1, 1]. */
export interface TrainingTimesteps {
  readonly features: Tensor;
  readonly signalScale: Tensor;
  readonly noiseScale: Tensor;
  /** By which an error in the noise moves the mean of the step back. */
  readonly meanPerNoise: Tensor;
  /** Bounds of the step's log variance. */
  readonly low: Tensor;
  readonly high: Tensor;
  /** 1 at timestep 0, whose step ends at the mel itself, else 0. */
  readonly isLast: Tensor;
}

export interface DiffusionLossOptions {
  /** How much `guess` counts in the loss; default 0. TorToiSe's decoder was trained with 1. */
  readonly guessWeight?: number;
  /** Computes each block's inner values again for its gradients: less memory for about a third more time; default false. */
  readonly recompute?: boolean;
}

export interface DiffusionLosses {
  /** Mean over the batch of `mse` + `variational` + `guessWeight` · `guess`. */
  readonly loss: Tensor;
  /** Mean squared error of the noise, [batch]. */
  readonly mse: Tensor;
  /** Bits by which a step back is off, as the learned variance can change it, [batch]. */
  readonly variational: Tensor;
  /**
   * Mean squared error of the mel that is guessed of speech and voice alone, by a layer that nothing else uses
   * (`mel_head`): it keeps what the denoiser is told of the speech rich. 0 where they are hidden. [batch]
   */
  readonly guess: Tensor;
}

/**
 * Timesteps as the losses take them. Its maker disposes of it (`disposeTree`).
 *
 * @param timesteps One a clip, each 0 to below the schedule's steps; drawn evenly in training.
 * @param channels The model's width.
 * @throws {RangeError} One is not in the schedule.
 */
export function trainingTimesteps(
  timesteps: readonly number[],
  channels: number,
  schedule: Schedule = trainedSchedule(),
): TrainingTimesteps {
  const stranger = timesteps.find((t) => schedule.signal[t] === undefined);
  if (stranger !== undefined)
    throw new RangeError(
      `trainingTimesteps: timestep ${stranger} is not in the schedule; give 0 to ${schedule.signal.length - 1}`,
    );
  const steps = timesteps.map((t) => posterior(schedule, t));
  const signal = timesteps.map((t) => schedule.signal[t] as number);
  const column = (values: readonly number[]): Tensor =>
    tensor(Float32Array.from(values), { shape: [timesteps.length, 1, 1] });
  return {
    features: timestepFeatures(timesteps, channels),
    signalScale: column(signal.map((a) => Math.sqrt(a))),
    noiseScale: column(signal.map((a) => Math.sqrt(1 - a))),
    meanPerNoise: column(
      steps.map(({ fromSignal }, i) => fromSignal * Math.sqrt(1 / (signal[i] as number) - 1)),
    ),
    low: column(steps.map(({ logVariance }) => logVariance[0])),
    high: column(steps.map(({ logVariance }) => logVariance[1])),
    isLast: column(timesteps.map((t) => (t === 0 ? 1 : 0))),
  };
}

/**
 * The losses that TorToiSe's decoder was trained with, for use inside `compile`: of the noise, of its
 * variance ("Improved Denoising Diffusion Probabilistic Models", Nichol and Dhariwal, 2021), and of a guess.
 *
 * @throws {ShapeError} mel and noise differ, or conditioning has another number of axes than 2 or 4.
 */
export function diffusionLosses(
  weights: Weights,
  batch: DiffusionBatch,
  { guessWeight = 0, recompute = false }: DiffusionLossOptions = {},
): DiffusionLosses {
  const { mel, noise, timesteps, conditioning } = batch;
  if (mel.rank !== 3 || mel.shape.join() !== noise.shape.join())
    throw new ShapeError(
      `diffusionLosses: mel is [${mel.shape}], noise [${noise.shape}]; give both as [batch, bands, frames]`,
    );
  if (conditioning.rank !== 2 && conditioning.rank !== 4)
    throw new ShapeError(
      `diffusionLosses: conditioning is [${conditioning.shape}]; give [batch, clips, bands, frames] or [batch, 2 · channels]`,
    );
  const voice = conditioning.rank === 4 ? conditioningLatent(weights, conditioning) : conditioning;
  const frames = mel.shape[2] ?? 1;
  const known = alignedEmbedding(weights, batch.speech, voice, frames);
  const { unconditioned } = batch;
  const speech = unconditioned
    ? where(reshape(unconditioned, [-1, 1, 1]), unconditionedEmbedding(weights, frames), known)
    : known;
  const { signalScale, noiseScale, features } = timesteps;
  const x = add(mul(mel, signalScale), mul(noise, noiseScale));
  const said = denoise(weights, x, {
    ...{ speech, recompute },
    modulations: modulations(weights, features),
  });
  const [noiseSaid, share] = split(said, 2, 1) as [Tensor, Tensor]; // [B, bands, S] each
  const mse = mean(square(sub(noiseSaid, noise)), [1, 2]);
  const variational = bitsOff(stopGradient(sub(noise, noiseSaid)), share, { mel, timesteps });
  const guess = mean(square(sub(convolution(weights, "mel_head", known), mel)), [1, 2]);
  const shown = unconditioned ? where(unconditioned, mul(guess, 0), guess) : guess;
  const both = add(mse, variational);
  const loss = mean(guessWeight === 0 ? both : add(both, mul(shown, guessWeight)));
  return { loss, mse, variational, guess: shown };
}

/**
 * How far the step back that the model believes in is from the true one, in bits an element: for the last
 * step how unlikely the mel is, for the others the divergence of two normal distributions. Learns the
 * variance only: `error` is a constant to it.
 *
 * @returns [B].
 */
function bitsOff(
  error: Tensor,
  share: Tensor,
  { mel, timesteps }: Pick<DiffusionBatch, "mel" | "timesteps">,
): Tensor {
  const { low, high, meanPerNoise, isLast } = timesteps;
  const logVariance = add(low, mul(sub(high, low), mul(add(share, 1), 0.5)));
  const meanOff = mul(error, meanPerNoise);
  const ratio = sub(low, logVariance);
  const distance = mul(square(meanOff), exp(mul(logVariance, -1)));
  const divergence = mul(sub(add(exp(ratio), distance), add(ratio, 1)), 0.5);
  const surprise = mul(logLikelihood(mel, meanOff, logVariance), -1);
  const nats = where(greater(isLast, 0.5), surprise, divergence);
  return mul(mean(nats, [1, 2]), 1 / Math.LN2);
}

/** Half the distance of two levels of [-1, 1], if it had the 256 of an image: TorToiSe took it over. */
const halfLevel = 1 / 255;

/** Log of the probability that a normal distribution gives to the level of each element of the mel. */
function logLikelihood(mel: Tensor, meanOff: Tensor, logVariance: Tensor): Tensor {
  const scale = exp(mul(logVariance, -0.5));
  const below = (offset: number): Tensor => normalShare(mul(scale, sub(offset, meanOff)));
  const [upTo, upToLower] = [below(halfLevel), below(-halfLevel)];
  // The outermost levels take all that is beyond them.
  const within = where(greater(mel, 0.999), sub(1, upToLower), sub(upTo, upToLower));
  return log(maximum(where(less(mel, -0.999), upTo, within), 1e-12));
}

/** The share of a normal distribution below x, approximately. */
function normalShare(x: Tensor): Tensor {
  const cubic = add(x, mul(mul(square(x), x), 0.044715));
  return mul(add(tanh(mul(cubic, Math.sqrt(2 / Math.PI))), 1), 0.5);
}
