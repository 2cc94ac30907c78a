import { ignored, kept, type Rule, replaced } from "./dlas-settings.js";

const fromBase = ignored("the base's own sizes hold; they are read from its weights");
const tokensOfBase = ignored("the base's own tokens hold; they are read from its weights");

/** Arguments of a UnifiedVoice and of a diffusion model, under `networks.*.kwargs`. */
const kwargs: Readonly<Record<string, Rule>> = {
  layers: fromBase,
  model_dim: fromBase,
  heads: fromBase,
  max_text_tokens: fromBase,
  max_mel_tokens: fromBase,
  max_conditioning_inputs: replaced(
    "the clips of datasets.train.num_conditioning_candidates make one input, their mean, as in speaking",
  ),
  mel_length_compression: ignored("lengths are counted in codes"),
  number_text_tokens: tokensOfBase,
  number_mel_codes: tokensOfBase,
  start_text_token: tokensOfBase,
  stop_text_token: tokensOfBase,
  start_mel_token: tokensOfBase,
  stop_mel_token: tokensOfBase,
  train_solo_embeddings: ignored("the released model has no solo embeddings"),
  use_mel_codes_as_input: ignored("codes are always the input"),
  checkpointing: ignored("memory is planned"),
  types: ignored("one type of text"),
  average_conditioning_embeddings: replaced(
    "conditioning clips are always averaged, as in speaking",
  ),
  freeze_everything_but_position_embeddings: replaced(
    "nothing is frozen; --lora trains few weights",
  ),
  tortoise_compat: (value) =>
    value === false
      ? { verdict: "kept", what: "clips end where they end" }
      : {
          verdict: "replaced",
          what: "true taught silence in place of the stop token; clips end where they end (recipe dlas: as it was)",
        },
  model_channels: fromBase,
  num_layers: fromBase,
  in_channels: fromBase,
  out_channels: fromBase,
  in_latent_channels: fromBase,
  in_tokens: fromBase,
  num_heads: fromBase,
  dropout: ignored("fine-tuning drops nothing out"),
  layer_drop: ignored("fine-tuning leaves no layer out"),
  use_fp16: ignored("training is in float32"),
  unconditioned_percentage: kept(
    "unconditioned",
    "share of clips whose speech is hidden, so that guidance goes on to work",
  ),
  freeze_everything_except_autoregressive_inputs: ignored("only the diffusion model has it"),
};

/** Rules under `networks`. */
export const networkRules: Readonly<Record<string, Rule>> = {
  "networks.*.type": ignored("there is one kind of network"),
  "networks.*.which_model_G": ignored("the base says what it is"),
  ...Object.fromEntries(
    Object.entries(kwargs).map(([name, rule]) => [`networks.*.kwargs.${name}`, rule]),
  ),
};
