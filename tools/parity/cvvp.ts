import { cvvpSpeechLatents, cvvpVoiceLatents, inferCvvpConfig, similarity } from "@hawksbill/clvp";
import { cast, compile, type Tensor, type Weights } from "@hawksbill/core";
import { compareTensors } from "./compare.js";
import { type Check, Config, tensorOf, weightsOf } from "./fixture.js";

/** How alike the voice of each row of codes is to that of its row's clip. */
export const checkCvvp: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const sizes = inferCvvpConfig(weights, fixture.name);
  const config = new Config(fixture);
  config.expectSizes({
    model_dim: sizes.modelDim,
    transformer_heads: sizes.speechHeads,
    conditioning_enc_depth: sizes.conditioningEncDepth,
    speech_enc_depth: sizes.speechEncDepth,
    mel_channels: sizes.melBands,
    mel_codes: sizes.melCodes,
    latent_multiplier: sizes.latentDim / sizes.modelDim,
  });

  const run = compile(
    (w: Weights, mel: Tensor, codes: Tensor) =>
      similarity(w, cvvpVoiceLatents(w, mel), cvvpSpeechLatents(w, cast(codes, "int32"))),
    { device, name: "cvvp" },
  );
  const [mel, codes] = [
    tensorOf(fixture, "inputs.conditioning_mel"),
    tensorOf(fixture, "inputs.codes"),
  ];
  const outputs = { "outputs.similarity": await run(weights, mel, codes) };
  await run.release();
  return compareTensors(fixture.tensors, outputs);
};
