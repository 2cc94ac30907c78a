import type { FinetuneEvent } from "./finetune-options.js";

/** An event whose losses are means by now, and so can be made into the code perplexity. */
export function withPerplexity(event: FinetuneEvent): FinetuneEvent {
  if (event.type !== "step" && event.type !== "evaluation") return event;
  const { codeLoss, ...metrics } = event.metrics;
  if (codeLoss === undefined) return event;
  return { ...event, metrics: { ...metrics, codePerplexity: Math.exp(codeLoss) } };
}
