import { compile, type Tensor, type Weights } from "@hawksbill/core";
import { hifigan, inferHifiganConfig, latentFrames } from "@hawksbill/vocoder";
import { compareTensors } from "./compare.js";
import { type Check, Config, tensorOf, weightsOf } from "./fixture.js";

/** The waveform of latents and a voice. */
export const checkHifiganDecoder: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const sizes = inferHifiganConfig(weights, { file: fixture.name });
  const config = new Config(fixture);
  config.expectSizes({
    in_channels: sizes.latentDim,
    out_channels: 1,
    upsample_initial_channel: sizes.channels,
    cond_channels: sizes.speakerDim,
  });
  config.expectSettings({ resblock_type: "1" });

  const run = compile(
    (w: Weights, latents: Tensor, speaker: Tensor) =>
      hifigan(w, latentFrames(latents), speaker, sizes),
    { device, name: "hifigan decoder" },
  );
  const [latents, speaker] = [
    tensorOf(fixture, "inputs.latents"),
    tensorOf(fixture, "inputs.speaker_latent"),
  ];
  const wav = await run(weights, latents, speaker);
  await run.release();
  return compareTensors(fixture.tensors, { "outputs.inference_wav": wav });
};
