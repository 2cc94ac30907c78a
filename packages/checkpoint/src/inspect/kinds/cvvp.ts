import type { ModelKind } from "../model-kind.js";
import { attentionBlock, conv, size, type TensorSpec, times } from "../tensor-spec.js";
import { encoderDepth, transformerEncoder } from "./transformer-encoder.js";

const D = size("modelDim");

/** How well speech has a voice: TorToiSe's `cvvp.pth`. */
export const cvvp: ModelKind<"conditioningEncDepth" | "speechEncDepth"> = {
  kind: "cvvp",
  title: "CVVP",
  counts: (names) => ({
    conditioningEncDepth: encoderDepth(names, "conditioning_transformer\\.transformer"),
    speechEncDepth: encoderDepth(names, "speech_transformer\\.transformer"),
  }),
  *tensors({ conditioningEncDepth, speechEncDepth }) {
    yield { name: "temperature", shape: [] };
    yield* conv("cond_emb.0", size("melBands"), times(1 / 2, D), 5);
    yield* conv("cond_emb.1", times(1 / 2, D), D, 3);
    yield* collapsingTransformer("conditioning", conditioningEncDepth);
    yield { name: "to_conditioning_latent.weight", shape: [size("latentDim"), D] };
    yield { name: "speech_emb.emb.weight", shape: [size("melCodes"), D] };
    yield* collapsingTransformer("speech", speechEncDepth);
    yield { name: "to_speech_latent.weight", shape: [size("latentDim"), D] };
  },
  unknownSettings: () => [
    {
      setting: "heads of the pre-combiners' attention",
      released: 8,
      why: "heads of any width have the same weights",
    },
  ],
};

function* collapsingTransformer(part: string, depth: number): Generator<TensorSpec, void> {
  const name = `${part}_transformer`;
  yield* transformerEncoder(`${name}.transformer`, { prefix: part, width: D, depth, wrap: "" });
  yield* conv(`${name}.pre_combiner.0`, D, D, 1);
  yield* attentionBlock(`${name}.pre_combiner.1`, D);
  yield* conv(`${name}.pre_combiner.2`, D, D, 1);
}
