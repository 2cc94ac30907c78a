import { cvvpSpeechLatents, cvvpVoiceLatents, inferCvvpConfig, similarity } from "@hawksbill/clvp";
import { cast, compile, type Tensor, type Weights } from "@hawksbill/core";
import { compareTensors } from "./compare.js";
import { type Check, Config, tensorOf, weightsOf } from "./fixture.js";

/** How alike the voice of each row of codes is to that of its row's clip. */
export const checkCvvp: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const { conditioning, speech, ...sizes } = inferCvvpConfig(weights, fixture.name);
  const config = new Config(fixture);
  config.expectSizes({
    model_dim: speech.dim,
    transformer_heads: speech.heads,
    conditioning_enc_depth: conditioning.depth,
    speech_enc_depth: speech.depth,
    mel_channels: sizes.melBands,
    mel_codes: sizes.speechTokens,
    latent_multiplier: sizes.latentDim / speech.dim,
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
