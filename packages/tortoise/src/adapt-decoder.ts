import { MEL_NORMS } from "@hawksbill/audio";
import {
  cast,
  type Device,
  div,
  greater,
  iota,
  mul,
  Random,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  unsqueeze,
  type Weights,
} from "@hawksbill/core";
import { batches, type Cache, type Clip } from "@hawksbill/dataset";
import { Dvae, decodeCodes, framesPerCode } from "@hawksbill/dvae";
import { adamW, cosine, type TrainingEvent, train } from "@hawksbill/trainer";
import { codesOnce } from "./encode-clips.js";
import type { Model } from "./model.js";

/** A clip of the voice: no text is needed. */
type VoiceClip = Pick<Clip, "id" | "seconds" | "mel" | "samples">;

export interface AdaptDecoderOptions {
  /** Its dVAE's decoder is trained in place. Codes mean what they did: encoder and codebook stay. */
  readonly model: Model;
  /** Clips of one voice to learn from. */
  readonly clips: readonly VoiceClip[];
  /** Clips that are only measured; default none. */
  readonly heldOut?: readonly VoiceClip[];
  readonly device: Device;
  /** Optimiser steps; default 150. */
  readonly steps?: number;
  /** Clips a step; default 8. */
  readonly batchSize?: number;
  /** At the first step, from where it falls to a tenth; default 1e-3. */
  readonly learningRate?: number;
  /** Of the order of the clips; default 0. */
  readonly seed?: number;
  /** As that of `finetune`: codes that it has kept are not encoded again. Default none. */
  readonly cache?: Cache;
  readonly signal?: AbortSignal;
}

/** Mels with their codes, padded behind to one length. */
interface DecoderBatch {
  readonly codes: Tensor; // int32 [batch, codes]
  readonly mel: Tensor; // [batch, bands=80, frames]
  readonly frames: Tensor; // int32 [batch]
}

/** Programs have fixed lengths: clips are padded to whole multiples, so that few are made. */
const lengthStep = 64;

/**
 * Teaches the dVAE's decoder how one voice sounds: the same codes, decoded in this voice. A small dVAE
 * needs it, since its codes have no room for what makes voices differ.
 *
 * @returns The events of the training; the loss is the mean squared error of the logarithmic mel.
 */
export async function* adaptDecoder(
  options: AdaptDecoderOptions,
): AsyncGenerator<TrainingEvent, void, undefined> {
  const { model, clips, heldOut = [], device, seed = 0 } = options;
  const { steps = 150, batchSize = 8, learningRate = 1e-3 } = options;
  const codes = new Map<string, Int32Array>();
  const dvae = Dvae.create(model.dvae, device);
  try {
    const cached = await codesOnce(model.dvae, options.cache);
    for (const { id, mel, samples } of [...clips, ...heldOut]) {
      options.signal?.throwIfAborted();
      codes.set(id, await cached(samples, () => dvae.encode(mel)));
    }
  } finally {
    await dvae.dispose();
  }
  const perCode = framesPerCode(model.dvaeConfig);
  const isDecoder = ([name]: [string, Tensor]): boolean => name.startsWith("decoder.");
  const decoder: Weights = Object.fromEntries(Object.entries(model.dvae).filter(isDecoder));
  const bandWeights = tensor(
    MEL_NORMS.map((norm) => norm ** 2),
    { shape: [MEL_NORMS.length, 1] },
  );
  const batchOf = (group: readonly VoiceClip[]): DecoderBatch => padded(group, codes, perCode);

  try {
    yield* train<DecoderBatch>({
      device,
      weights: decoder,
      loss: (weights, { codes, mel, frames }) => {
        const decoded = decodeCodes({ ...model.dvae, ...weights }, codes, { frames });
        return { loss: logMelError(decoded, mel, frames, bandWeights) };
      },
      *batches(epoch: number, _: Random): Generator<DecoderBatch> {
        for (const group of batches(clips, { batchSize, seed, epoch })) yield batchOf(group);
      },
      steps,
      optimizer: adamW(decoder, { learningRate, weightDecay: 0 }),
      schedule: cosine(learningRate, { steps, final: learningRate / 10 }),
      clip: { norm: 1, by: "all" },
      random: new Random(seed),
      ...(options.signal ? { signal: options.signal } : {}),
      ...(heldOut.length > 0
        ? {
            evaluate: {
              every: steps,
              // An iterator hands its batches over to be freed; an array would keep them.
              batches: () => heldOut.map((clip) => batchOf([clip])).values(),
            },
          }
        : {}),
    });
  } finally {
    bandWeights.dispose();
  }
}

/** Squared error of the mel before its bands were divided, mean over bands and the frames that count. */
function logMelError(decoded: Tensor, mel: Tensor, frames: Tensor, bandWeights: Tensor): Tensor {
  const [, bands = 0, T = 0] = mel.shape;
  const counts = greater(unsqueeze(frames, 1), iota(T)); // [B, T]
  const mask = unsqueeze(cast(counts, "float32"), 1); // [B, 1, T]
  const errors = mul(mul(square(sub(decoded, mel)), bandWeights), mask);
  return div(sum(errors), mul(sum(mask), bands));
}

function padded(
  group: readonly VoiceClip[],
  codesOf: ReadonlyMap<string, Int32Array>,
  perCode: number,
): DecoderBatch {
  const longest = Math.max(...group.map(({ mel }) => mel.frames));
  const T = Math.ceil(longest / lengthStep) * lengthStep;
  const N = T / perCode;
  const bands = group[0]?.mel.bands ?? 0;
  const codes = new Int32Array(group.length * N);
  const mels = new Float32Array(group.length * bands * T);
  const frames = new Int32Array(group.length);
  group.forEach(({ id, mel }, b) => {
    const own = codesOf.get(id) ?? new Int32Array();
    const whole = mel.frames - (mel.frames % perCode); // The last code may stand for fewer frames than it decodes to.
    codes.set(own.subarray(0, whole / perCode), b * N);
    frames[b] = whole;
    for (let band = 0; band < bands; band++)
      mels.set(
        mel.data.subarray(band * mel.frames, band * mel.frames + whole),
        (b * bands + band) * T,
      );
  });
  return {
    codes: tensor(codes, { shape: [group.length, N] }),
    mel: tensor(mels, { shape: [group.length, bands, T] }),
    frames: tensor(frames),
  };
}
