import { CheckpointError, expectShapes } from "@hawksbill/checkpoint";
import type { Shape, Weights } from "@hawksbill/core";
import { foldWeightNorm } from "./weight-norm.js";

/** Sizes of a UnivNet; the released one's are in parentheses. */
export interface UnivnetConfig {
  /** Mel bands (100). */
  readonly bands: number;
  /** Channels of the noise that it shapes (64). */
  readonly noiseDim: number;
  /** Channels of the waveform inside (32). */
  readonly channels: number;
  /** Channels of the kernel predictors (64). */
  readonly predictorDim: number;
  /** Width of the kernel predictors' convolutions (3). */
  readonly predictorKernel: number;
  /** Width of the predicted kernels (3). */
  readonly kernelSize: number;
  /** How much longer each block makes its input (8, 8, 4); their product is the hop. */
  readonly strides: readonly number[];
  /** Dilation of each layer of a block (1, 3, 9, 27). Shapes do not tell them. */
  readonly dilations: readonly number[];
  /** Slope of the leaky rectifiers below 0 (0.2). Shapes do not tell it. */
  readonly slope: number;
}

/** Residual units of a kernel predictor. */
export const predictorUnits = 3;

/** Samples of a mel frame. */
export function univnetHop({ strides }: Pick<UnivnetConfig, "strides">): number {
  return strides.reduce((product, stride) => product * stride, 1);
}

/** Names and shapes of all tensors, as in the released vocoder.pth without weight normalisation. */
export function univnetShapes(config: UnivnetConfig): Readonly<Record<string, Shape>> {
  const { bands, noiseDim, channels, predictorDim, predictorKernel, kernelSize } = config;
  const layers = config.dilations.length;
  const shapes: Record<string, Shape> = {};
  const conv = (name: string, from: number, to: number, kernel: number): void => {
    shapes[`${name}.weight`] = [to, from, kernel];
    shapes[`${name}.bias`] = [to];
  };
  conv("conv_pre", noiseDim, channels, 7);
  config.strides.forEach((stride, i) => {
    const block = `res_stack.${i}`;
    const predictor = `${block}.kernel_predictor`;
    conv(`${predictor}.input_conv.0`, bands, predictorDim, 5);
    for (let unit = 0; unit < predictorUnits; unit++)
      for (const part of [1, 3])
        conv(
          `${predictor}.residual_convs.${unit}.${part}`,
          predictorDim,
          predictorDim,
          predictorKernel,
        );
    const kernels = layers * channels * 2 * channels * kernelSize;
    conv(`${predictor}.kernel_conv`, predictorDim, kernels, predictorKernel);
    conv(`${predictor}.bias_conv`, predictorDim, layers * 2 * channels, predictorKernel);
    // A transposed convolution: [from, to, kernel].
    shapes[`${block}.convt_pre.1.weight`] = [channels, channels, 2 * stride];
    shapes[`${block}.convt_pre.1.bias`] = [channels];
    for (let layer = 0; layer < layers; layer++)
      conv(`${block}.conv_blocks.${layer}.1`, channels, channels, kernelSize);
  });
  conv("conv_post.1", channels, 1, 7);
  return shapes;
}

/**
 * The sizes of a UnivNet from the names and shapes of its weights, all of which are checked; with weight
 * normalisation (`weight_g` and `weight_v`) or without it.
 *
 * @param options.dilations Default powers of 3. @param options.slope Default 0.2.
 * @param options.file What errors call the weights; default "UnivNet".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferUnivnetConfig(
  weights: Weights,
  options: {
    readonly dilations?: readonly number[];
    readonly slope?: number;
    readonly file?: string;
  } = {},
): UnivnetConfig {
  const { slope = 0.2, file = "UnivNet" } = options;
  const plain = foldWeightNorm(weights);
  const lengths = (name: string): readonly number[] => {
    const shape = plain[`${name}.weight`]?.shape;
    if (shape?.length !== 3)
      throw new CheckpointError(
        file,
        `${shape ? `is [${shape.join(", ")}]` : "is missing"}; give the weights of a UnivNet (in vocoder.pth they are below "model_g")`,
        { tensor: `${name}.weight` },
      );
    return shape;
  };
  const count = (name: (i: number) => string): number => {
    let found = 0;
    while (Object.hasOwn(plain, name(found))) found++;
    return found;
  };
  const [channels = 0, noiseDim = 0] = lengths("conv_pre");
  const [predictorDim = 0, bands = 0] = lengths("res_stack.0.kernel_predictor.input_conv.0");
  const [, , predictorKernel = 0] = lengths("res_stack.0.kernel_predictor.kernel_conv");
  const [, , kernelSize = 0] = lengths("res_stack.0.conv_blocks.0.1");
  const blocks = count((i) => `res_stack.${i}.convt_pre.1.weight`);
  const layers = count((i) => `res_stack.0.conv_blocks.${i}.1.weight`);
  const config: UnivnetConfig = {
    bands,
    noiseDim,
    channels,
    predictorDim,
    predictorKernel,
    kernelSize,
    strides: Array.from({ length: blocks }, (_, i) =>
      Math.floor((lengths(`res_stack.${i}.convt_pre.1`)[2] ?? 0) / 2),
    ),
    dilations: options.dilations ?? Array.from({ length: layers }, (_, i) => 3 ** i),
    slope,
  };
  expectShapes(plain, univnetShapes(config), file);
  return config;
}
