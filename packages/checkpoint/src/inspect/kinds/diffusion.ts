import type { ModelKind } from "../model-kind.js";
import {
  attentionBlock,
  conv,
  linear,
  norm,
  size,
  type TensorSpec,
  times,
} from "../tensor-spec.js";

const C = size("modelChannels");
const heads = size("heads");

/** Latents to mel: TorToiSe's `diffusion_decoder.pth` (DiffusionTts). */
export const diffusion: ModelKind<"layers"> = {
  kind: "diffusion",
  title: "diffusion decoder",
  // Three residual blocks without attention follow the layers.
  counts: (names) => ({ layers: names.count(/^layers\.(\d+)\.attn\./) }),
  *tensors({ layers }) {
    const bands = size("bands");

    yield { name: "unconditioned_embedding", shape: [1, C, 1] };
    yield* conv("inp_block", bands, C, 3);
    yield* linear("time_embed.0", C, C);
    yield* linear("time_embed.2", C, C);
    yield { name: "code_embedding.weight", shape: [size("tokens"), C] };
    for (let i = 0; i < 3; i++) yield* attentionBlock(`code_converter.${i}`, C, heads);
    yield* norm("code_norm", C);
    yield* conv("latent_conditioner.0", size("latentChannels"), C, 3);
    for (let i = 1; i < 5; i++) yield* attentionBlock(`latent_conditioner.${i}`, C, heads);
    yield* conv("contextual_embedder.0", bands, C, 3);
    yield* conv("contextual_embedder.1", C, times(2, C), 3);
    for (let i = 2; i < 7; i++)
      yield* attentionBlock(`contextual_embedder.${i}`, times(2, C), heads);
    for (let i = 0; i < 3; i++) yield* diffusionLayer(`conditioning_timestep_integrator.${i}`);
    yield* conv("integrating_conv", times(2, C), C, 1);
    yield* conv("mel_head", C, bands, 3);
    for (let i = 0; i < layers; i++) yield* diffusionLayer(`layers.${i}`);
    for (let i = layers; i < layers + 3; i++) yield* resBlock(`layers.${i}`);
    yield* norm("out.0", C);
    yield* conv("out.2", C, times(2, bands), 3);
  },
  unknownSettings: () => [
    {
      setting: "diffusion steps and betas",
      released: "4000, linear",
      why: "the schedule of training has no weights",
    },
    {
      setting: "dropout, layer_drop, unconditioned_percentage",
      why: "they only matter in training",
    },
  ],
};

function* diffusionLayer(name: string): Generator<TensorSpec, void> {
  yield* resBlock(`${name}.resblk`);
  yield* attentionBlock(`${name}.attn`, C, heads);
}

function* resBlock(name: string): Generator<TensorSpec, void> {
  yield* norm(`${name}.in_layers.0`, C);
  yield* conv(`${name}.in_layers.2`, C, C, 1);
  yield* linear(`${name}.emb_layers.1`, C, times(2, C));
  yield* norm(`${name}.out_layers.0`, C);
  yield* conv(`${name}.out_layers.3`, C, C, 3);
}
