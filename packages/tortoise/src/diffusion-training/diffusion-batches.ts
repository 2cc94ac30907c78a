import { type Random, type Tensor, tensor } from "@hawksbill/core";
import { batches, clipWeights, otherClips } from "@hawksbill/dataset";
import {
  type DiffusionBatch,
  type DiffusionConfig,
  type DiffusionLossOptions,
  framesFor,
  trainedSchedule,
  trainingTimesteps,
} from "@hawksbill/diffusion";
import { tellLoneClips } from "../lone-clips.js";
import type { HeardClip } from "./heard-clips.js";

/** A batch, and how its losses are taken: settings are part of a program's form. */
export interface DiffusionLossBatch {
  readonly batch: DiffusionBatch;
  readonly options: DiffusionLossOptions;
  /** The batch's frames in all, as a scalar: the losses are the mean of them. */
  readonly tokens: Tensor;
}

export interface DiffusionBatchOptions {
  readonly config: DiffusionConfig;
  readonly batchSize: number;
  readonly seed: number;
  /** Share of the clips whose speech and voice are hidden. */
  readonly unconditioned: number;
  /** Clips of the voice whose mean each one hears. */
  readonly conditioningClips: number;
  readonly balance: number;
  /** Longest piece of a clip. */
  readonly longestCodes: number;
  readonly options: DiffusionLossOptions;
  /** Told what is not as asked for. */
  readonly onWarning: (message: string) => void;
}

export interface DiffusionBatches {
  /** Those of an epoch: each clip with noise of its own. */
  epoch(number: number, random: Random): Generator<DiffusionLossBatch>;
  /** The held-out clips, with the same noise at the same timesteps each time. */
  evaluation(random: Random): Generator<DiffusionLossBatch>;
}

/** A piece of a clip, and how it is to be heard. */
interface Item {
  readonly clip: HeardClip;
  /** The piece's first code. */
  readonly start: number;
  readonly timestep: number;
  readonly voice: Float32Array;
  readonly isHidden: boolean;
}

/**
 * Nothing may be padded, because the decoder's norms and attention run over all frames: so a batch is of pieces of one
 * length, which is a whole multiple of this, in codes (0.74 s), wherever its shortest clip has so many.
 */
const lengthStep = 16;

/** Timesteps at which the held-out clips are measured, at least: the loss differs much from one to the next. */
const fewestTimesteps = 8;

/** Batches of pieces of clips, each conditioned on others of its voice. */
export function diffusionBatches(
  training: readonly HeardClip[],
  heldOut: readonly HeardClip[],
  settings: DiffusionBatchOptions,
): DiffusionBatches {
  const { config, batchSize, seed, unconditioned, balance, onWarning, options } = settings;
  const { conditioningClips: count, longestCodes } = settings;
  const timesteps = trainedSchedule().timesteps.length;
  const isWeighed = balance > 0 || training.some(({ weight = 1 }) => weight !== 1);
  const weights = isWeighed ? clipWeights(training, { balance }) : undefined;
  const drawn = { batchSize, seed, ...(weights ? { weights } : {}) };
  tellLoneClips(training, heldOut, onWarning);
  batches(training, { ...drawn, epoch: 0, onWarning });

  const voiceFor = (clip: HeardClip, random: Random): Float32Array =>
    meanOf(otherClips(clip, training, { count, random }).clips.map(({ voice }) => voice));
  const lossBatch = (
    items: readonly Item[],
    codes: number,
    random: Random,
  ): DiffusionLossBatch => ({
    batch: batchOf(items, codes, { config, random }),
    options,
    tokens: tensor(items.length * framesFor(codes)),
  });
  const whole = (clip: HeardClip): number => pieceLength(clip.codes, longestCodes);
  return {
    *epoch(number, random) {
      for (const group of batches(training, { ...drawn, epoch: number })) {
        const codes = Math.min(...group.map(whole));
        const items = group.map(
          (clip): Item => ({
            clip,
            start: random.integer(clip.codes - codes + 1),
            timestep: random.integer(timesteps),
            voice: voiceFor(clip, random),
            isHidden: random.next() < unconditioned,
          }),
        );
        yield lossBatch(items, codes, random);
      }
    },
    *evaluation(random) {
      const each = Math.ceil(fewestTimesteps / heldOut.length);
      const all = heldOut.length * each;
      for (const [i, clip] of heldOut.entries()) {
        const voice = voiceFor(clip, random);
        for (let first = 0; first < each; first += batchSize) {
          const items = Array.from({ length: Math.min(batchSize, each - first) }, (_, j): Item => {
            const place = i + (first + j) * heldOut.length;
            const timestep = Math.floor(((place + 0.5) * timesteps) / all);
            return { clip, start: 0, timestep, voice, isHidden: false };
          });
          yield lossBatch(items, whole(clip), random);
        }
      }
    },
  };
}

/** Codes of a clip that are heard at once. */
function pieceLength(codes: number, longest: number): number {
  const most = Math.min(codes, longest);
  return most < lengthStep ? most : most - (most % lengthStep);
}

function batchOf(
  items: readonly Item[],
  codes: number,
  { config, random }: { readonly config: DiffusionConfig; readonly random: Random },
): DiffusionBatch {
  const { bands, latentChannels, modelChannels } = config;
  const frames = framesFor(codes);
  const latents = new Float32Array(items.length * codes * latentChannels);
  const mels = new Float32Array(items.length * bands * frames);
  const voices = new Float32Array(items.length * 2 * modelChannels);
  for (const [b, { clip, start, voice }] of items.entries()) {
    const end = (start + codes) * latentChannels;
    latents.set(clip.latents.subarray(start * latentChannels, end), b * codes * latentChannels);
    const all = framesFor(clip.codes);
    const first = Math.min(framesFor(start), all - frames);
    for (let band = 0; band < bands; band++) {
      const at = band * all + first;
      mels.set(clip.mel.subarray(at, at + frames), (b * bands + band) * frames);
    }
    voices.set(voice, b * 2 * modelChannels);
  }
  return {
    mel: tensor(mels, { shape: [items.length, bands, frames] }),
    noise: random.normal([items.length, bands, frames]),
    timesteps: trainingTimesteps(
      items.map(({ timestep }) => timestep),
      modelChannels,
    ),
    speech: { latents: tensor(latents, { shape: [items.length, codes, latentChannels] }) },
    conditioning: tensor(voices, { shape: [items.length, 2 * modelChannels] }),
    unconditioned: tensor(
      Uint8Array.from(items, ({ isHidden }) => Number(isHidden)),
      { dtype: "bool" },
    ),
  };
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = vectors;
  return first.map(
    (_, i) => vectors.reduce((sum, vector) => sum + (vector[i] as number), 0) / vectors.length,
  );
}
