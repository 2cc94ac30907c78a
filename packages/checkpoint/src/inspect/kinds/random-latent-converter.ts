import type { ModelKind } from "../model-kind.js";
import { linear, size } from "../tensor-spec.js";

/** Noise to a random voice's latent: TorToiSe's `rlg_auto.pth` and `rlg_diffuser.pth`. */
export const randomLatentConverter: ModelKind = {
  kind: "random-latent-converter",
  title: "random-latent converter",
  counts: () => ({}),
  *tensors() {
    const channels = size("channels");
    for (let i = 0; i < 6; i++) yield* linear(`layers.${i}`, channels, channels);
  },
  definition: (_, { channels }) =>
    channels === 1024
      ? "of the width of TorToiSe's autoregressive latents"
      : channels === 2048
        ? "of the width of TorToiSe's diffusion latents"
        : "of latents of another width than TorToiSe's",
  unknownSettings: () => [
    { setting: "lr_mul", released: 0.1, why: "it scales the weights where they are used" },
  ],
};
