import {
  add,
  div,
  mean,
  mul,
  ShapeError,
  square,
  stopGradient,
  straightThrough,
  sub,
  sum,
  type Tensor,
  type Weights,
} from "@hawksbill/core";
import { codebookNames, framesPerCode, inferDvaeConfig } from "./config.js";
import { codeVectors, decoder, encoder, type Lengths, lengthMask, nearestCodes } from "./model.js";

export interface DvaeLosses {
  /** reconstructionLoss + commitment · commitmentLoss: what to minimise. [] */
  readonly loss: Tensor;
  /** Mean squared error of the decoded mel. [] */
  readonly reconstructionLoss: Tensor;
  /** Mean squared distance of the encoder's vectors from their codes. [] */
  readonly commitmentLoss: Tensor;
  /** The decoded mel, [batch, bands, frames]. */
  readonly reconstruction: Tensor;
  /** For `updateCodebook`: the encoder's vectors, [batch, codebookDim, codes]. */
  readonly encoded: Tensor;
  /** For `updateCodebook`: the code of each vector, int32 [batch, codes]. */
  readonly codes: Tensor;
}

/**
 * The losses of a training step. The decoder gets codes; the encoder gets the decoder's gradient as if
 * there were none between (straight through).
 *
 * @param mel [batch, bands, frames]; frames must be a multiple of 2^layers (4), so that the decoded mel is as long.
 * @param options.frames Frames that count in each item, int32 [batch], multiples of 2^layers; default all.
 * @param options.commitment Weight of the commitment loss; default 0.25, as in VQ-VAE-2.
 * @throws {ShapeError} frames is no multiple.
 */
export function dvaeLosses(
  weights: Weights,
  mel: Tensor,
  options: Lengths & { readonly commitment?: number } = {},
): DvaeLosses {
  const { frames, commitment = 0.25 } = options;
  const step = framesPerCode(inferDvaeConfig(weights));
  const length = mel.shape[2] ?? 0;
  if (length % step !== 0)
    throw new ShapeError(
      `dvaeLosses: mel has ${length} frames, which ${step} does not divide; crop it to ${length - (length % step)} frames, or pad it to ${length - (length % step) + step} and give frames`,
    );
  const encoded = encoder(weights, mel, { frames });
  const codes = nearestCodes(weights, encoded);
  const vectors = stopGradient(codeVectors(weights, codes));
  const reconstruction = decoder(weights, straightThrough(vectors, encoded), { frames });
  const reconstructionLoss = meanWithin(square(sub(reconstruction, mel)), frames, 1);
  const commitmentLoss = meanWithin(square(sub(vectors, encoded)), frames, step);
  const loss = add(reconstructionLoss, mul(commitmentLoss, commitment));
  return { loss, reconstructionLoss, commitmentLoss, reconstruction, encoded, codes };
}

/** The mean over what lies within the items' frames. @param x [batch, channels, steps]. */
function meanWithin(x: Tensor, frames: Tensor | undefined, framesPerStep: number): Tensor {
  if (!frames) return mean(x);
  const mask = lengthMask(frames, x, framesPerStep);
  return div(sum(mul(x, mask)), mul(sum(mask), x.shape[1] ?? 1));
}

/** The weights that a loss has gradients for, and the codebook, which `updateCodebook` moves. */
export function splitDvae(weights: Weights): {
  readonly parameters: Weights;
  readonly codebook: Weights;
} {
  const isCodebook = (name: string): boolean => (codebookNames as readonly string[]).includes(name);
  const pick = (wanted: boolean): Weights =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => isCodebook(name) === wanted));
  return { parameters: pick(false), codebook: pick(true) };
}
