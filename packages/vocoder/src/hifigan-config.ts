import { CheckpointError, expectShapes } from "@hawksbill/checkpoint";
import type { Shape, Weights } from "@hawksbill/core";
import { foldWeightNorm } from "./weight-norm.js";

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

/** Samples of a frame. */
export function hifiganHop({ strides }: Pick<HifiganConfig, "strides">): number {
  return strides.reduce((product, stride) => product * stride, 1);
}

/** Names and shapes of all tensors, as in the released hifidecoder.pth without weight normalisation. */
export function hifiganShapes(config: HifiganConfig): Readonly<Record<string, Shape>> {
  const { latentDim, speakerDim, channels, strides, kernelSizes, dilations } = config;
  const shapes: Record<string, Shape> = {};
  const conv = (name: string, from: number, to: number, kernel: number): void => {
    shapes[`${name}.weight`] = [to, from, kernel];
    shapes[`${name}.bias`] = [to];
  };
  conv("conv_pre", latentDim, channels, 7);
  conv("cond_layer", speakerDim, channels, 1);
  strides.forEach((stride, stage) => {
    const width = Math.floor(channels / 2 ** (stage + 1));
    // A transposed convolution: [from, to, kernel].
    shapes[`ups.${stage}.weight`] = [Math.floor(channels / 2 ** stage), width, 2 * stride];
    shapes[`ups.${stage}.bias`] = [width];
    kernelSizes.forEach((kernel, i) => {
      for (const part of ["convs1", "convs2"])
        for (let j = 0; j < dilations.length; j++)
          conv(`resblocks.${stage * kernelSizes.length + i}.${part}.${j}`, width, width, kernel);
    });
  });
  conv("conv_post", Math.floor(channels / 2 ** strides.length), 1, 7);
  return shapes;
}

/**
 * The sizes of a HiFi-GAN decoder from the names and shapes of its weights, all of which are checked; with weight
 * normalisation (`weight_g` and `weight_v`) or without it.
 *
 * @param options.dilations Default 1, 3, 5, …
 * @param options.file What errors call the weights; default "HiFi-GAN decoder".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferHifiganConfig(
  weights: Weights,
  options: { readonly dilations?: readonly number[]; readonly file?: string } = {},
): HifiganConfig {
  const { file = "HiFi-GAN decoder" } = options;
  const plain = foldWeightNorm(weights);
  const lengths = (name: string): readonly number[] => {
    const shape = plain[`${name}.weight`]?.shape;
    if (shape?.length !== 3)
      throw new CheckpointError(
        file,
        `${shape ? `is [${shape.join(", ")}]` : "is missing"}; give the weights of a HiFi-GAN decoder`,
        { tensor: `${name}.weight` },
      );
    return shape;
  };
  const count = (name: (i: number) => string): number => {
    let found = 0;
    while (Object.hasOwn(plain, `${name(found)}.weight`)) found++;
    return found;
  };
  const [channels = 0, latentDim = 0] = lengths("conv_pre");
  const stages = count((i) => `ups.${i}`);
  const blocks = count((i) => `resblocks.${i}.convs1.0`);
  const pairs = count((i) => `resblocks.0.convs1.${i}`);
  const config: HifiganConfig = {
    latentDim,
    speakerDim: lengths("cond_layer")[1] ?? 0,
    channels,
    strides: Array.from({ length: stages }, (_, i) =>
      Math.floor((lengths(`ups.${i}`)[2] ?? 0) / 2),
    ),
    kernelSizes: Array.from(
      { length: Math.floor(blocks / Math.max(1, stages)) },
      (_, i) => lengths(`resblocks.${i}.convs1.0`)[2] ?? 0,
    ),
    dilations: options.dilations ?? Array.from({ length: pairs }, (_, i) => 2 * i + 1),
  };
  expectShapes(plain, hifiganShapes(config), file);
  return config;
}
