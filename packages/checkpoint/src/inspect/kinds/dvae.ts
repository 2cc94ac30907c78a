import type { ModelKind } from "../model-kind.js";
import { conv, size, type TensorSpec, times } from "../tensor-spec.js";

/** Mel spectrograms to discrete codes and back: DL-Art-School's `lucidrains_dvae`. */
export const dvae: ModelKind<"layers" | "resnetBlocks"> = {
  kind: "dvae",
  title: "dVAE",
  counts: (names) => ({
    layers: names.count(/^encoder\.(\d+)\.0\./),
    resnetBlocks: names.countDifferent(/^encoder\.(\d+)\.net\./),
  }),
  *tensors({ layers, resnetBlocks }) {
    const channels = size("channels");
    const codebookDim = size("codebookDim");
    const tokens = size("tokens");
    const kernel = size("kernelSize");
    const widths = Array.from({ length: layers }, (_, i) => times(2 ** i, size("hiddenDim")));
    const inner = widths.at(-1) ?? size("hiddenDim");

    for (const [i, width] of widths.entries())
      yield* conv(`encoder.${i}.0`, widths[i - 1] ?? channels, width, kernel);
    yield* resBlocks("encoder", layers);
    yield* conv(`encoder.${layers + resnetBlocks}`, inner, codebookDim, 1);

    yield { name: "codebook.embed", shape: [codebookDim, tokens] };
    yield { name: "codebook.cluster_size", shape: [tokens] };
    yield { name: "codebook.embed_avg", shape: [codebookDim, tokens] };

    yield* conv("decoder.0", codebookDim, inner, 1);
    yield* resBlocks("decoder", 1);
    const rising = widths.toReversed();
    for (const [i, width] of rising.entries())
      yield* conv(`decoder.${1 + resnetBlocks + i}.0.conv`, rising[i - 1] ?? inner, width, kernel);
    yield* conv(`decoder.${1 + resnetBlocks + layers}`, size("hiddenDim"), channels, 1);

    function* resBlocks(part: string, first: number): Generator<TensorSpec, void> {
      for (let i = first; i < first + resnetBlocks; i++) {
        yield* conv(`${part}.${i}.net.0`, inner, inner, 3);
        yield* conv(`${part}.${i}.net.2`, inner, inner, 3);
        yield* conv(`${part}.${i}.net.4`, inner, inner, 1);
      }
    }
  },
  unknownSettings: () => [
    { setting: "activation", released: "relu", why: "it has no weights" },
    { setting: "stride", released: 2, why: "convolutions of any stride have the same weights" },
    { setting: "mel normalisation", released: "mel_norms.pth", why: "it is in a file of its own" },
  ],
};
