import type { ModelKind } from "../model-kind.js";
import { attentionBlock, conv, layer, linear, norm, plus, size, times } from "../tensor-spec.js";

const soloWhy = "only models made with train_solo_embeddings have it";

/**
 * Text and a voice to mel codes: TorToiSe's `autoregressive.pth`, DL-Art-School's `unified_voice2`, `3` and `4`.
 * They share these tensors; 3 and 4 have one head more.
 */
export const unifiedVoice: ModelKind<"layers" | "conditioningBlocks"> = {
  kind: "unified-voice",
  title: "UnifiedVoice",
  counts: (names) => ({
    layers: names.count(/^gpt\.h\.(\d+)\./),
    conditioningBlocks: names.count(/^conditioning_encoder\.attn\.(\d+)\./),
  }),
  *tensors({ layers, conditioningBlocks }) {
    const D = size("modelDim");
    const text = size("textTokens");
    const mel = size("melCodes");

    yield* conv("conditioning_encoder.init", 80, D, 1);
    for (let i = 0; i < conditioningBlocks; i++)
      yield* attentionBlock(`conditioning_encoder.attn.${i}`, D);
    yield { name: "text_embedding.weight", shape: [text, D] };
    yield { name: "mel_embedding.weight", shape: [mel, D] };
    yield { name: "text_pos_embedding.emb.weight", shape: [plus(size("maxTextTokens"), 2), D] };
    // The original adds 2 and its max_conditioning_inputs, which is 2 in the released model.
    yield { name: "mel_pos_embedding.emb.weight", shape: [plus(size("maxMelTokens"), 4), D] };
    for (let i = 0; i < layers; i++) {
      const block = `gpt.h.${i}`;
      yield* norm(`${block}.ln_1`, D);
      yield* layer(`${block}.attn.c_attn`, [D, times(3, D)], times(3, D));
      yield* layer(`${block}.attn.c_proj`, [D, D], D);
      yield* norm(`${block}.ln_2`, D);
      yield* layer(`${block}.mlp.c_fc`, [D, times(4, D)], times(4, D));
      yield* layer(`${block}.mlp.c_proj`, [times(4, D), D], D);
    }
    yield* norm("gpt.ln_f", D);
    yield* norm("final_norm", D);
    yield* linear("text_head", D, text);
    yield* linear("mel_head", D, mel);

    for (const part of ["text", "mel"])
      yield { name: `${part}_solo_embedding`, shape: [1, 1, D], optional: soloWhy };
    for (const [head, definition] of [
      ["aligned_head", "unified_voice3"],
      ["alignment_head", "unified_voice4"],
    ])
      for (const spec of linear(`${head}`, D, size("alignedTextCodes")))
        yield { ...spec, optional: `only ${definition} has it` };
  },
  extras: [
    { pattern: /^gpt\.h\.\d+\.attn\.(masked_)?bias$/, what: "mask buffers of older transformers" },
    { pattern: /^gpt\.wte\.weight$/, what: "a second name of mel_embedding" },
    { pattern: /^inference_model\./, what: "second names of the weights, made for generation" },
  ],
  definition(names) {
    if (names.has("aligned_head.weight")) return "DL-Art-School unified_voice3";
    if (names.has("alignment_head.weight")) return "DL-Art-School unified_voice4";
    return "tortoise-tts autoregressive, DL-Art-School unified_voice2";
  },
  unknownSettings: ({ modelDim = 0, textTokens = 0, melCodes = 0 }) => [
    {
      setting: "heads",
      released: 16,
      why: `heads of any width have the same weights; of 64 there would be ${Math.max(1, Math.floor(modelDim / 64))}`,
    },
    { setting: "mel_length_compression", released: 1024, why: "samples of a code, of the dVAE" },
    {
      setting: "max_conditioning_inputs",
      released: 2,
      why: "it and max_mel_tokens share the mel position table; maxMelTokens is what 2 leaves",
    },
    {
      setting: "types",
      released: 1,
      why: `types multiply the rows of the text embedding: ${textTokens} = number_text_tokens · types + 1`,
    },
    {
      setting: "start_text_token, stop_text_token",
      released: "255, 0",
      why: `tokens are rows like any other; the last of these would be ${textTokens - 1}`,
    },
    {
      setting: "start_mel_token, stop_mel_token",
      released: "8192, 8193",
      why: `codes are rows like any other; the last two of these would be ${melCodes - 2}, ${melCodes - 1}`,
    },
  ],
};
