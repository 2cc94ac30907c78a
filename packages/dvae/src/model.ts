import { weightFinder } from "@hawksbill/checkpoint";
import {
  add,
  argmax,
  cast,
  conv1d,
  gather,
  iota,
  less,
  matmul,
  mul,
  relu,
  reshape,
  resize,
  ShapeError,
  square,
  sub,
  sum,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { type DvaeConfig, inferDvaeConfig } from "./config.js";

// B batch, C mel bands, T frames, N codes = ceil(T / 2^layers), D codebook dim, K tokens.

const namedWeight = weightFinder("dvae");

/** For a batch whose items were padded behind: each then gives what it would give alone. */
export interface Lengths {
  /** Frames that count in each item, int32 [batch]; default all. For decoding, multiples of 2^layers. */
  readonly frames?: Tensor | undefined;
}

/**
 * What the codebook is asked for: one vector for every 2^layers frames.
 *
 * @param mel [batch, bands, frames].
 * @returns [batch, codebookDim, codes = ceil(frames / 2^layers)].
 */
export function encoder(weights: Weights, mel: Tensor, { frames }: Lengths = {}): Tensor {
  const config = checkedConfig("encoder", weights, mel);
  const { layers, resnetBlocks, kernelSize } = config;
  const zeroed = beyond(frames);
  let x = zeroed(mel, 1);
  for (let i = 0; i < layers; i++) {
    const options = { stride: 2, padding: (kernelSize - 1) / 2 };
    x = zeroed(relu(conv(weights, `encoder.${i}.0`, x, options)), 2 ** (i + 1));
  }
  const last = layers + resnetBlocks;
  for (let i = layers; i < last; i++)
    x = resBlock(weights, `encoder.${i}`, x, (h) => zeroed(h, 2 ** layers));
  return conv(weights, `encoder.${last}`, x); // [B, D, N]
}

/**
 * The codes of a mel spectrogram: for each vector of the encoder the nearest of the codebook.
 *
 * @param mel [batch, bands, frames].
 * @returns int32 [batch, codes = ceil(frames / 2^layers)]; codes beyond an item's frames mean nothing.
 */
export function encodeMel(weights: Weights, mel: Tensor, lengths: Lengths = {}): Tensor {
  return nearestCodes(weights, encoder(weights, mel, lengths));
}

/** The code nearest to each vector. @param encoded [batch, codebookDim, codes]. @returns int32 [batch, codes]. */
export function nearestCodes(weights: Weights, encoded: Tensor): Tensor {
  const embed = namedWeight(weights, "codebook.embed"); // [D, K]
  // The least |x|² - 2 x·e + |e|² is the largest x·e - |e|²/2: |x|² is the same for every code.
  const products = matmul(transpose(encoded, [0, 2, 1]), embed); // [B, N, K]
  return argmax(sub(products, mul(sum(square(embed), 0), 0.5)), -1);
}

/** The vectors of codes. @param codes int32 [batch, codes]. @returns [batch, codebookDim, codes]. */
export function codeVectors(weights: Weights, codes: Tensor): Tensor {
  return transpose(gather(namedWeight(weights, "codebook.embed"), codes, 1), [1, 0, 2]);
}

/**
 * The mel spectrogram that codes stand for.
 *
 * @param codes int32 [batch, codes].
 * @returns [batch, bands, frames = 2^layers · codes].
 */
export function decodeCodes(weights: Weights, codes: Tensor, lengths: Lengths = {}): Tensor {
  return decoder(weights, codeVectors(weights, codes), lengths);
}

/**
 * A mel spectrogram from vectors of the codebook's space.
 *
 * @param vectors [batch, codebookDim, codes].
 * @returns [batch, bands, frames = 2^layers · codes].
 */
export function decoder(weights: Weights, vectors: Tensor, { frames }: Lengths = {}): Tensor {
  const { layers, resnetBlocks, kernelSize } = inferDvaeConfig(weights);
  const zeroed = beyond(frames);
  let x = zeroed(conv(weights, "decoder.0", vectors), 2 ** layers);
  for (let i = 1; i <= resnetBlocks; i++)
    x = resBlock(weights, `decoder.${i}`, x, (h) => zeroed(h, 2 ** layers));
  for (let i = 1; i <= layers; i++) {
    const twice = resize(x, 2 * (x.shape[2] ?? 0), "nearest");
    const options = { padding: (kernelSize - 1) / 2 };
    const y = relu(conv(weights, `decoder.${resnetBlocks + i}.0.conv`, twice, options));
    x = zeroed(y, 2 ** (layers - i));
  }
  return conv(weights, `decoder.${1 + resnetBlocks + layers}`, x); // [B, C, T]
}

/** x + conv1(relu(conv3(relu(conv3(x))))). */
function resBlock(
  weights: Weights,
  name: string,
  x: Tensor,
  zeroed: (x: Tensor) => Tensor,
): Tensor {
  let h = zeroed(relu(conv(weights, `${name}.net.0`, x, { padding: 1 })));
  h = relu(conv(weights, `${name}.net.2`, h, { padding: 1 }));
  return zeroed(add(conv(weights, `${name}.net.4`, h), x));
}

function conv(
  weights: Weights,
  name: string,
  x: Tensor,
  options: { stride?: number; padding?: number } = {},
): Tensor {
  return conv1d(
    x,
    namedWeight(weights, `${name}.weight`),
    namedWeight(weights, `${name}.bias`),
    options,
  );
}

/**
 * Sets what lies beyond an item's end to 0, as a convolution finds it where the item really ends.
 * Without lengths it does nothing.
 */
function beyond(frames: Tensor | undefined): (x: Tensor, framesPerStep: number) => Tensor {
  return (x, framesPerStep) => (frames ? mul(x, lengthMask(frames, x, framesPerStep)) : x);
}

/** 1 for the steps of x that lie within an item's frames, else 0. [B, 1, steps] */
export function lengthMask(frames: Tensor, x: Tensor, framesPerStep: number): Tensor {
  const starts = mul(iota(x.shape[2] ?? 0), framesPerStep);
  return cast(less(starts, reshape(frames, [-1, 1, 1])), x.dtype);
}

function checkedConfig(op: string, weights: Weights, mel: Tensor): DvaeConfig {
  const config = inferDvaeConfig(weights);
  if (mel.rank !== 3 || mel.shape[1] !== config.channels)
    throw new ShapeError(
      `${op}: mel is [${mel.shape}], wanted [batch, bands = ${config.channels}, frames]; give the mel spectrogram that these weights were trained on`,
    );
  return config;
}
