import {
  add,
  cast,
  conv1d,
  floor,
  gather,
  iota,
  leakyRelu,
  maximum,
  minimum,
  mul,
  reshape,
  resize,
  ShapeError,
  sub,
  type Tensor,
  tanh,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { lengthened, namedWeight, sameConv } from "./convolutions.js";
import type { HifiganConfig } from "./hifigan-config.js";
import { framesPerLatent, hifiganFrames, rateChange } from "./hifigan-frames.js";
import { foldWeightNorm } from "./weight-norm.js";

// B batch, C channels, L latents, S frames, T samples.

/** Slope of the leaky rectifiers below 0; the last one has PyTorch's default instead, 0.01. */
const slope = 0.1;

/**
 * Latents as frames of the waveform's rate: 4 for each, then 24000 / 22050 as many, both between the nearest two.
 *
 * @param latents [batch, latents, dim].
 * @returns [batch, dim, frames].
 */
export function latentFrames(latents: Tensor): Tensor {
  const [, L = 0] = latents.shape;
  const frames = resize(transpose(latents, [0, 2, 1]), framesPerLatent * L, "linear");
  const last = framesPerLatent * L - 1;
  // Not `resize`: PyTorch goes by the factor here, not by the lengths, which were rounded.
  const index = cast(iota(hifiganFrames(L)), "float32");
  const place = maximum(sub(mul(add(index, 0.5), 1 / rateChange), 0.5), 0);
  const left = minimum(floor(place), last);
  const at = (x: Tensor): Tensor => gather(frames, cast(x, "int32"), 2);
  const [before, after] = [at(left), at(minimum(add(left, 1), last))];
  return add(before, mul(sub(after, before), sub(place, left)));
}

/**
 * The waveform of frames.
 *
 * @param frames [batch, dim, frames], see `latentFrames`.
 * @param speaker The latent of the voice, [batch, dim].
 * @returns Samples from -1 to 1, [batch, 1, frames · hop].
 * @throws {ShapeError} Frames or speaker have other sizes than the weights.
 * @see Kong, Kim and Bae, "HiFi-GAN", 2020, and coqui-ai/TTS's HifiganGenerator, which adds the speaker
 */
export function hifigan(
  weights: Weights,
  frames: Tensor,
  speaker: Tensor,
  config: HifiganConfig,
): Tensor {
  const { latentDim, speakerDim, strides, kernelSizes, dilations } = config;
  const [B = 1, C] = frames.shape;
  if (frames.rank !== 3 || C !== latentDim || speaker.shape.join() !== [B, speakerDim].join())
    throw new ShapeError(
      `hifigan: frames are [${frames.shape}], the speaker [${speaker.shape}]; give [batch, ${latentDim}, frames] and [batch, ${speakerDim}]`,
    );
  const plain = foldWeightNorm(weights);
  const [w, b] = [namedWeight(plain, "cond_layer.weight"), namedWeight(plain, "cond_layer.bias")];
  const voice = conv1d(reshape(speaker, [B, speakerDim, 1]), w, b);
  let x = add(sameConv(plain, "conv_pre", frames), voice);
  strides.forEach((stride, stage) => {
    x = lengthened(plain, `ups.${stage}`, leakyRelu(x, slope), stride);
    const first = stage * kernelSizes.length;
    const heard = kernelSizes.map((_, i) =>
      residual(plain, `resblocks.${first + i}`, x, dilations),
    );
    x = mul(heard.reduce(add), 1 / kernelSizes.length);
  });
  return tanh(sameConv(plain, "conv_post", leakyRelu(x, 0.01)));
}

/** How many frames on each side can change a frame's samples. */
export function hifiganReach({ strides, kernelSizes, dilations }: HifiganConfig): number {
  const half = (Math.max(...kernelSizes) - 1) / 2;
  const blockSamples = dilations.reduce((sum, dilation) => sum + half * (dilation + 1), 0);
  let rate = 1; // Samples of a frame.
  let frames = 3;
  for (const stride of strides) {
    frames += 1 / rate; // The transposed convolution.
    rate *= stride;
    frames += blockSamples / rate;
  }
  return Math.ceil(frames + 3 / rate) + 1;
}

/** Pairs of convolutions, each pair added to what it saw. */
function residual(weights: Weights, name: string, x: Tensor, dilations: readonly number[]): Tensor {
  return dilations.reduce((y, dilation, i) => {
    const h = sameConv(weights, `${name}.convs1.${i}`, leakyRelu(y, slope), dilation);
    return add(y, sameConv(weights, `${name}.convs2.${i}`, leakyRelu(h, slope)));
  }, x);
}
