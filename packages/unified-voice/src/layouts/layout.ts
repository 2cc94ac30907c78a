/**
 * Whose model a state dict is loaded into, strictly: tortoise-tts's `autoregressive.py`, or one of
 * DL-Art-School's definitions. The first two have the same tensors.
 */
export type Layout = "tortoise" | "unified_voice2" | "unified_voice3" | "unified_voice4";

const soloEmbeddings = ["text_solo_embedding", "mel_solo_embedding"];

/** Tensors that a layout may have beside the weights: they train it, and no speech needs them. */
export const layoutExtras: Readonly<Record<Layout, readonly string[]>> = {
  // With train_solo_embeddings.
  tortoise: soloEmbeddings,
  unified_voice2: soloEmbeddings,
  // Always.
  unified_voice3: ["aligned_head.weight", "aligned_head.bias"],
  unified_voice4: ["alignment_head.weight", "alignment_head.bias"],
};

/** Whether a layout's model can be made without its extras. */
export function needsExtras(layout: Layout): boolean {
  return layout === "unified_voice3" || layout === "unified_voice4";
}
