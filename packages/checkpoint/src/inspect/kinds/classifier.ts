import type { ModelKind } from "../model-kind.js";
import { attentionBlock, conv, linear, norm, size, times } from "../tensor-spec.js";

/** Whether TorToiSe made a recording: `classifier.pth` (AudioMiniEncoderWithClassifierHead). */
export const classifier: ModelKind<"depth" | "resnetBlocks" | "attnBlocks"> = {
  kind: "classifier",
  title: "classifier of generated speech",
  counts(names) {
    // Each level of depth is some residual blocks and one convolution that shortens the time.
    const depth = names.countDifferent(/^enc\.res\.(\d+)\.op\./);
    const blocks = names.countDifferent(/^enc\.res\.(\d+)\.in_layers\./);
    return {
      depth,
      resnetBlocks: Math.round(blocks / depth),
      attnBlocks: names.count(/^enc\.attn\.(\d+)\./),
    };
  },
  *tensors({ depth, resnetBlocks, attnBlocks }) {
    const base = size("baseChannels");
    const kernel = size("kernelSize");
    const embedding = size("embeddingDim");

    yield* conv("enc.init.0", size("specDim"), base, 3);
    for (let level = 0, i = 0; level < depth; level++) {
      const width = times(2 ** level, base);
      for (let j = 0; j < resnetBlocks; j++, i++) {
        yield* norm(`enc.res.${i}.in_layers.0`, width);
        yield* conv(`enc.res.${i}.in_layers.2`, width, width, kernel);
        yield* norm(`enc.res.${i}.out_layers.0`, width);
        yield* conv(`enc.res.${i}.out_layers.3`, width, width, kernel);
      }
      yield* conv(`enc.res.${i++}.op`, width, times(2, width), size("downsampleKernel"));
    }
    yield* norm("enc.final.0", times(2 ** depth, base));
    yield* conv("enc.final.2", times(2 ** depth, base), embedding, 1);
    for (let i = 0; i < attnBlocks; i++) yield* attentionBlock(`enc.attn.${i}`, embedding);
    yield* linear("head", embedding, size("classes"));
  },
  unknownSettings: () => [
    { setting: "num_attn_heads", released: 4, why: "heads of any width have the same weights" },
    {
      setting: "downsample_factor",
      released: 4,
      why: "convolutions of any stride have the same weights",
    },
  ],
};
