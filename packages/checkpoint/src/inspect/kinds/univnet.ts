import type { ModelKind } from "../model-kind.js";
import { normedConv, size, times } from "../tensor-spec.js";

/** Mel to waveform: the generator of TorToiSe's `vocoder.pth`, under its key `model_g`. */
export const univnet: ModelKind<"stages" | "convBlocks" | "weightNorm"> = {
  kind: "univnet",
  title: "UnivNet vocoder",
  counts: (names) => ({
    stages: names.count(/^res_stack\.(\d+)\./),
    convBlocks: names.count(/^res_stack\.\d+\.conv_blocks\.(\d+)\./),
    weightNorm: names.has("conv_pre.weight") ? 0 : 1,
  }),
  *tensors({ stages, convBlocks, weightNorm }) {
    const C = size("channels");
    const hidden = size("predictorDim");
    const k = size("predictorKernel");
    const taps = size("kernelSize");
    const isFolded = weightNorm === 0;

    yield* normedConv("conv_pre", [C, size("noiseDim"), 7], { isFolded });
    for (let i = 0; i < stages; i++) {
      const predictor = `res_stack.${i}.kernel_predictor`;
      yield* normedConv(`${predictor}.input_conv.0`, [hidden, size("bands"), 5], {
        isFolded,
      });
      for (let j = 0; j < 3; j++)
        for (const part of [1, 3])
          yield* normedConv(`${predictor}.residual_convs.${j}.${part}`, [hidden, hidden, k], {
            isFolded,
          });
      // For each dilation a convolution from the channels to a gate and a value of each.
      yield* normedConv(
        `${predictor}.kernel_conv`,
        [({ channels: c = 0, kernelSize = 0 }) => convBlocks * c * 2 * c * kernelSize, hidden, k],
        { isFolded },
      );
      yield* normedConv(`${predictor}.bias_conv`, [times(2 * convBlocks, C), hidden, k], {
        isFolded,
      });
      yield* normedConv(`res_stack.${i}.convt_pre.1`, [C, C, times(2, size(`stride${i}`))], {
        isFolded,
      });
      for (let j = 0; j < convBlocks; j++)
        yield* normedConv(`res_stack.${i}.conv_blocks.${j}.1`, [C, C, taps], { isFolded });
    }
    yield* normedConv("conv_post.1", [1, C, 7], { isFolded });
  },
  definition: (_, { weightNorm }) =>
    weightNorm ? "generator, with weight norm" : "generator, weight norm folded in",
  unknownSettings: () => [
    {
      setting: "dilations",
      released: "1, 3, 9, 27",
      why: "convolutions of any dilation have the same weights",
    },
    { setting: "lReLU_slope", released: 0.2, why: "it has no weights" },
  ],
};
