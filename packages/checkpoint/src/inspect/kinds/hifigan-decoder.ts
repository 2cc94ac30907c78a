import type { ModelKind } from "../model-kind.js";
import { conv, normedConv, size, times } from "../tensor-spec.js";

/** Latents to waveform: TorToiSe's `hifidecoder.pth`. */
export const hifiganDecoder: ModelKind<"stages" | "resblockKernels" | "convPairs" | "weightNorm"> =
  {
    kind: "hifigan-decoder",
    title: "HiFi-GAN decoder",
    counts(names) {
      const stages = names.count(/^ups\.(\d+)\./);
      return {
        stages,
        resblockKernels: Math.ceil(names.count(/^resblocks\.(\d+)\./) / stages),
        convPairs: names.count(/^resblocks\.\d+\.convs1\.(\d+)\./),
        weightNorm: names.has("conv_pre.weight") ? 0 : 1,
      };
    },
    *tensors({ stages, resblockKernels, convPairs, weightNorm }) {
      const isFolded = weightNorm === 0;
      const initial = size("channels");

      yield* normedConv("conv_pre", [initial, size("latentDim"), 7], { isFolded });
      yield* conv("cond_layer", size("speakerDim"), initial, 1);
      for (let i = 0; i < stages; i++) {
        const outputs = times(2 ** -(i + 1), initial);
        yield* normedConv(
          `ups.${i}`,
          [times(2 ** -i, initial), outputs, size(`upsampleKernel${i}`)],
          { outputs, isFolded },
        );
        for (let j = 0; j < resblockKernels; j++)
          for (const convs of ["convs1", "convs2"])
            for (let d = 0; d < convPairs; d++)
              yield* normedConv(
                `resblocks.${i * resblockKernels + j}.${convs}.${d}`,
                [outputs, outputs, size(`resblockKernel${j}`)],
                { isFolded },
              );
      }
      yield* normedConv("conv_post", [size("outChannels"), times(2 ** -stages, initial), 7], {
        isFolded,
      });
    },
    definition: (_, { weightNorm }) => (weightNorm ? "with weight norm" : "weight norm folded in"),
    unknownSettings: () => [
      {
        setting: "upsample_factors",
        released: "8, 8, 2, 2",
        why: "transposed convolutions of any stride have the same weights; half the kernels is usual",
      },
      {
        setting: "resblock_dilation_sizes",
        released: "1, 3, 5",
        why: "convolutions of any dilation have the same weights",
      },
    ],
  };
