import { compile, type Tensor, type Weights } from "@hawksbill/core";
import { randomLatents } from "@hawksbill/unified-voice";
import { compareTensors } from "./compare.js";
import { type Check, Config, tensorOf, weightsOf } from "./fixture.js";

/** Latents of given noise. */
export const checkRandomLatentConverter: Check = async (fixture, device) => {
  const weights = weightsOf(fixture);
  const [channels = 0] = weights["layers.0.weight"]?.shape ?? [];
  new Config(fixture).expectSizes({ channels });
  const run = compile((w: Weights, noise: Tensor) => randomLatents(w, noise), { device });
  const latent = await run(weights, tensorOf(fixture, "inputs.z"));
  await run.release();
  return compareTensors(fixture.tensors, { "outputs.latent": latent });
};
