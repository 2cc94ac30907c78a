import { CheckpointError, modelShapes, modelSizes } from "@hawksbill/checkpoint";
import type { Shape, Weights } from "@hawksbill/core";

/** Sizes of a HiFi-GAN decoder; the released one's are in parentheses. */
export interface HifiganConfig {
  /** Length of a latent (1024). */
  readonly latentDim: number;
  /** Length of the speaker's latent (1024). */
  readonly speakerDim: number;
  /** Channels before the first stage; each stage halves them (512). */
  readonly channels: number;
  /** How much longer each stage makes its input (8, 8, 2, 2); their product is the hop. */
  readonly strides: readonly number[];
  /** Width of each stage's residual blocks (3, 7, 11). */
  readonly kernelSizes: readonly number[];
  /** Dilation of each pair of convolutions of a residual block (1, 3, 5). Shapes do not tell them. */
  readonly dilations: readonly number[];
}

/** What shapes do not tell of a HiFi-GAN decoder. */
export interface HifiganSettings {
  /** Default 1, 3, 5, … */
  readonly dilations?: readonly number[];
  /** What errors call the weights; default "HiFi-GAN decoder". */
  readonly file?: string;
}

/** Samples of a frame. */
export function hifiganHop({ strides }: Pick<HifiganConfig, "strides">): number {
  return strides.reduce((product, stride) => product * stride, 1);
}

/** Names and shapes of all tensors, as in the released hifidecoder.pth without weight normalisation. */
export function hifiganShapes(config: HifiganConfig): Record<string, Shape> {
  const { strides, kernelSizes, dilations } = config;
  return modelShapes("hifigan-decoder", {
    ...config,
    outChannels: 1,
    stages: strides.length,
    resblockKernels: kernelSizes.length,
    convPairs: dilations.length,
    weightNorm: 0,
    ...Object.fromEntries(strides.map((stride, i) => [`upsampleKernel${i}`, 2 * stride])),
    ...Object.fromEntries(kernelSizes.map((kernel, i) => [`resblockKernel${i}`, kernel])),
  });
}

const sizes = [
  "latentDim",
  "speakerDim",
  "channels",
  "outChannels",
  "stages",
  "resblockKernels",
  "convPairs",
] as const;

/**
 * The sizes of a HiFi-GAN decoder from the names and shapes of its weights, all of which are checked; with weight
 * normalisation (`weight_g` and `weight_v`) or without it.
 *
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for, or the decoder is of a
 *   kind that TorToiSe does not have: not mono, or with kernels that are not twice as wide as the stride.
 */
export function inferHifiganConfig(weights: Weights, options: HifiganSettings = {}): HifiganConfig {
  const { file = "HiFi-GAN decoder" } = options;
  const numbered = (name: string, count: number): number[] => {
    const names = Array.from({ length: count }, (_, i) => `${name}${i}`);
    return Object.values(modelSizes("hifigan-decoder", weights, names, file));
  };
  const found = modelSizes("hifigan-decoder", weights, sizes, file);
  const { latentDim, speakerDim, channels, outChannels, stages, convPairs } = found;
  const kernels = numbered("upsampleKernel", stages);
  if (outChannels !== 1 || kernels.some((kernel) => kernel % 2 !== 0))
    throw new CheckpointError(
      file,
      `it has ${outChannels} channels and upsampling kernels of ${kernels.join(", ")}; give a mono decoder with even kernels`,
    );
  return {
    latentDim,
    speakerDim,
    channels,
    strides: kernels.map((kernel) => kernel / 2),
    kernelSizes: numbered("resblockKernel", found.resblockKernels),
    dilations: options.dilations ?? Array.from({ length: convPairs }, (_, i) => 2 * i + 1),
  };
}
