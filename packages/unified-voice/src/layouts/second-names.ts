/** Modules that generation puts together anew from those of the model, and so saves twice. */
const modules: readonly (readonly [inference: string, model: string])[] = [
  ["transformer.wte", "mel_embedding"],
  ["transformer", "gpt"],
  ["embeddings", "mel_embedding"],
  // What tortoise-tts calls "text" here generates codes: these are the mel positions.
  ["text_pos_embedding", "mel_pos_embedding"],
  ["posterior_pos_embedding", "mel_pos_embedding"],
  ["lm_head.0", "final_norm"],
  ["lm_head.1", "mel_head"],
  ["head.0", "final_norm"],
  ["head.1", "mel_head"],
];

/** The name of the weight that a tensor is a copy of; undefined for one that is no copy. */
export function firstName(name: string): string | undefined {
  const [, before = "", rest] = /^(.*?)inference_model\.(.+)$/.exec(name) ?? [];
  if (rest === undefined) {
    const copy = /^((?:.*\.)?)gpt\.wte\.weight$/.exec(name);
    return copy ? `${copy[1]}mel_embedding.weight` : undefined;
  }
  const module = modules.find(([inference]) => rest.startsWith(`${inference}.`));
  return module && `${before}${module[1]}${rest.slice(module[0].length)}`;
}
