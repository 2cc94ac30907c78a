import { compile, slice, type Tensor, type Weights } from "@hawksbill/core";
import { inferUnivnetConfig, univnet, univnetHop, univnetInference } from "@hawksbill/vocoder";
import { compareTensors } from "./compare.js";
import { type Check, Config, tensorOf, weightsOf } from "./fixture.js";

/** Waveforms of mels as they are, and of the first one with frames of silence behind that are cut off again. */
export const checkUnivnet: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const config = new Config(fixture);
  const slope = config.number("lReLU_slope", 0.2);
  const sizes = inferUnivnetConfig(weights, {
    slope,
    file: fixture.name,
    dilations: config.numbers("dilations", [1, 3, 9, 27]),
  });
  config.expectSizes({
    noise_dim: sizes.noiseDim,
    channel_size: sizes.channels,
    kpnet_conv_size: sizes.predictorKernel,
    hop_length: univnetHop(sizes),
    n_mel_channels: sizes.bands,
  });

  const run = compile(
    (w: Weights, mel: Tensor, z: Tensor, zInference: Tensor) => ({
      "outputs.wav": univnet(w, mel, z, sizes),
      "outputs.inference_wav": univnetInference(
        w,
        slice(mel, { axis: 0, end: 1 }),
        zInference,
        sizes,
      ),
    }),
    { device, name: "univnet" },
  );
  const [mel, z, zInference] = ["mel", "z", "z_inference"].map((name) =>
    tensorOf(fixture, `inputs.${name}`),
  ) as [Tensor, Tensor, Tensor];
  const ours = await run(weights, mel, z, zInference);
  await run.release();
  return compareTensors(fixture.tensors, ours);
};
