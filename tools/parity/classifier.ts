import { classifierLogits, inferClassifierConfig } from "@hawksbill/clvp";
import { compile, type Tensor, type Weights } from "@hawksbill/core";
import { compareTensors } from "./compare.js";
import { type Check, Config, tensorOf, weightsOf } from "./fixture.js";

/** The logits of a waveform. */
export const checkClassifier: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const config = new Config(fixture);
  const heads = config.number("num_attn_heads", 4);
  const sizes = inferClassifierConfig(weights, { heads, file: fixture.name });
  config.expectSizes({
    classes: sizes.classes,
    spec_dim: sizes.specDim,
    embedding_dim: sizes.embeddingDim,
    depth: sizes.depth,
    downsample_factor: 4,
    resnet_blocks: sizes.resnetBlocks,
    attn_blocks: sizes.attnBlocks,
    base_channels: sizes.baseChannels,
    kernel_size: sizes.kernelSize,
  });

  const run = compile((w: Weights, x: Tensor) => classifierLogits(w, x, sizes), { device });
  const logits = await run(weights, tensorOf(fixture, "inputs.wav"));
  await run.release();
  return compareTensors(fixture.tensors, { "outputs.logits": logits });
};
