import {
  add,
  concat,
  conv1d,
  leakyRelu,
  matmul,
  mul,
  pad,
  reshape,
  ShapeError,
  sigmoid,
  slice,
  split,
  stack,
  type Tensor,
  tanh,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { lengthened, mirrorConv, namedWeight, padTime, sameConv } from "./convolutions.js";
import { predictorUnits, type UnivnetConfig, univnetHop } from "./univnet-config.js";
import { foldWeightNorm } from "./weight-norm.js";

// B batch, C channels, S mel frames, T samples at a block's rate, P channels of the kernel predictor, K width
// of predicted kernels.

/**
 * The waveform of a mel spectrogram: noise, shaped by convolutions whose kernels change from frame to frame.
 *
 * @param mel Natural log of mel magnitudes, [batch, bands, frames].
 * @param noise Of the normal distribution, [batch, noiseDim, frames].
 * @returns Samples from -1 to 1, [batch, 1, frames · hop].
 * @throws {ShapeError} Mel and noise are of other sizes than the weights, or differ in frames.
 * @see Jang et al., "UnivNet: A neural vocoder with multi-resolution spectrogram discriminators", 2021
 */
export function univnet(
  weights: Weights,
  mel: Tensor,
  noise: Tensor,
  config: UnivnetConfig,
): Tensor {
  const { bands, noiseDim, strides, slope } = config;
  const [B, C, S] = mel.shape;
  if (mel.rank !== 3 || C !== bands || noise.shape.join() !== [B, noiseDim, S].join())
    throw new ShapeError(
      `univnet: mel is [${mel.shape}], noise [${noise.shape}]; give [batch, ${bands}, frames] and [batch, ${noiseDim}, frames]`,
    );
  const plain = foldWeightNorm(weights);
  let x = mirrorConv(plain, "conv_pre", noise);
  strides.forEach((stride, i) => {
    const block = `res_stack.${i}`;
    const kernels = predictKernels(plain, `${block}.kernel_predictor`, mel, config);
    x = lengthened(plain, `${block}.convt_pre.1`, leakyRelu(x, slope), stride);
    config.dilations.forEach((dilation, layer) => {
      const name = `${block}.conv_blocks.${layer}.1`;
      const y = leakyRelu(sameConv(plain, name, leakyRelu(x, slope), dilation), slope);
      x = add(x, gatedByFrame(y, kernels[layer] as FrameKernels, S ?? 1));
    });
  });
  return tanh(mirrorConv(plain, "conv_post.1", leakyRelu(x, slope)));
}

/** Frames of silence that the end of a mel is given, so that the last sound dies away as in training. */
export const tailFrames = 10;

/** Log magnitude of that silence, as the original has it: almost the logarithm of 1e-5. */
export const silence = -11.5129;

/**
 * The waveform of a mel spectrogram, as TorToiSe makes it: with silence behind, which is cut off again.
 *
 * @param mel Natural log of mel magnitudes, [batch, bands, frames].
 * @param noise Of the normal distribution, [batch, noiseDim, frames + 10].
 * @returns Samples from -1 to 1, [batch, 1, frames · hop].
 */
export function univnetInference(
  weights: Weights,
  mel: Tensor,
  noise: Tensor,
  config: UnivnetConfig,
): Tensor {
  const longer = padTime(mel, [0, tailFrames], { value: silence });
  const waveform = univnet(weights, longer, noise, config);
  return slice(waveform, { axis: 2, end: (mel.shape[2] ?? 0) * univnetHop(config) });
}

/** How many frames on each side can change a frame's samples. */
export function univnetReach(config: UnivnetConfig): number {
  const { strides, dilations, predictorKernel, kernelSize } = config;
  // The mel around a frame makes its kernels, …
  const melFrames = 2 + ((2 * predictorUnits + 1) * (predictorKernel - 1)) / 2;
  // … and the samples around it are made with their own frames' kernels.
  const half = (kernelSize - 1) / 2;
  const layerSamples = dilations.reduce((sum, dilation) => sum + half * (dilation + 1), 0);
  let rate = 1; // Samples of a frame.
  let audioFrames = 3;
  for (const stride of strides) {
    audioFrames += 1 / rate; // The transposed convolution.
    rate *= stride;
    audioFrames += layerSamples / rate;
  }
  return melFrames + Math.ceil(audioFrames + 3 / rate) + 1;
}

/** A convolution's kernels for every frame. */
interface FrameKernels {
  /** [B · S · outputs, inputs, K] */
  readonly kernel: Tensor;
  /** [B · S · outputs] */
  readonly bias: Tensor;
}

/** The kernels of each layer of a block, from the mel around each frame. */
function predictKernels(
  weights: Weights,
  name: string,
  mel: Tensor,
  { channels, predictorKernel, kernelSize, dilations, slope }: UnivnetConfig,
): FrameKernels[] {
  let h = leakyRelu(sameConv(weights, `${name}.input_conv.0`, mel), slope);
  for (let unit = 0; unit < predictorUnits; unit++) {
    const part = (i: number, x: Tensor): Tensor =>
      leakyRelu(sameConv(weights, `${name}.residual_convs.${unit}.${i}`, x), slope);
    h = add(h, part(3, part(1, h)));
  }
  const [B = 1, , S = 1] = mel.shape;
  const layers = dilations.length;
  const outputs = 2 * channels;
  const around = transpose(neighbours(h, predictorKernel)); // [B, S, P · kernel]
  // As a matrix product each frame's kernels come out together, ready to be multiplied with; a convolution
  // would give each number's frames together, and to turn that round takes half as long again.
  const perLayer = (weight: Tensor, bias: Tensor): Tensor[] => {
    const biases = split(reshape(bias, [-1]), layers, 0);
    return split(reshape(weight, [bias.size, -1]), layers, 0).map((part, layer) =>
      add(matmul(around, part, { transposeB: true }), biases[layer] as Tensor),
    ); // [B, S, numbers]
  };
  const of = (part: string): Tensor => namedWeight(weights, `${name}.${part}`);
  // Its rows are [layers, inputs, outputs, K].
  const outputsFirst = (x: Tensor): Tensor =>
    transpose(reshape(x, [layers, channels, outputs, kernelSize, -1]), [0, 2, 1, 3, 4]);
  const kernels = perLayer(
    outputsFirst(of("kernel_conv.weight")),
    outputsFirst(of("kernel_conv.bias")),
  );
  const biases = perLayer(of("bias_conv.weight"), of("bias_conv.bias"));
  return kernels.map((kernel, layer) => ({
    kernel: reshape(kernel, [B * S * outputs, channels, kernelSize]),
    bias: reshape(biases[layer] as Tensor, [B * S * outputs]),
  }));
}

/** What a convolution sees at each place, zeros beyond the ends: [B, C, T] to [B, C · kernel, T]. */
function neighbours(x: Tensor, kernel: number): Tensor {
  const [B = 1, C = 1, T = 1] = x.shape;
  const half = (kernel - 1) / 2;
  const padded = padTime(x, [half, half]);
  const shifted = Array.from({ length: kernel }, (_, i) =>
    slice(padded, { axis: 2, start: i, end: i + T }),
  );
  return reshape(stack(shifted, 2), [B, C * kernel, T]);
}

/**
 * A convolution whose kernel is another one in each frame, and a gate: sigmoid(first half) · tanh(second half).
 *
 * @param x [B, C, T]; the T / S samples of a frame see their neighbours' samples, too.
 * @returns [B, C, T].
 */
function gatedByFrame(x: Tensor, { kernel, bias }: FrameKernels, S: number): Tensor {
  const [B = 1, C = 1, T = 1] = x.shape;
  const hop = T / S;
  const half = ((kernel.shape[2] ?? 1) - 1) / 2;
  const frames = transpose(reshape(x, [B, C, S, hop]), [0, 2, 1, 3]); // [B, S, C, hop]
  const [firsts, lasts] = [
    slice(frames, { axis: 3, end: half }),
    slice(frames, { axis: 3, start: hop - half }),
  ];
  const seen = concat([moved(lasts, 1), frames, moved(firsts, -1)], 3); // [B, S, C, hop + 2 half]
  // Every frame is a group of channels of its own.
  const groups = reshape(seen, [1, B * S * C, hop + 2 * half]);
  const y = reshape(conv1d(groups, kernel, bias, { groups: B * S }), [B, S, 2 * C, hop]);
  const [gate, value] = split(y, 2, 2) as [Tensor, Tensor];
  return reshape(transpose(mul(sigmoid(gate), tanh(value)), [0, 2, 1, 3]), [B, C, T]);
}

/** Each frame's numbers at the frame behind it (1) or before it (-1), zeros where there is none. @param x [B, S, C, n]. */
function moved(x: Tensor, by: 1 | -1): Tensor {
  const [before, after] = by === 1 ? [1, 0] : [0, 1];
  const longer = pad(x, [
    [0, 0],
    [before, after],
    [0, 0],
    [0, 0],
  ]);
  return slice(longer, { axis: 1, start: after, end: after + (x.shape[1] ?? 1) });
}
