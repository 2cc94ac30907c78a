import {
  add,
  cast,
  concat,
  crossEntropy,
  div,
  embedding,
  linear,
  maximum,
  mean,
  mul,
  notEqual,
  reshape,
  sum,
  type Tensor,
  type Weights,
} from "@hawksbill/core";
import { type Batch, ignored } from "./batch.js";
import { conditioningEncoder } from "./conditioning-encoder.js";
import type { UnifiedVoiceConfig } from "./config.js";
import { type GptOptions, gpt } from "./gpt.js";
import type { Inputs } from "./inputs.js";
import { namedWeight } from "./named-weight.js";

export interface LossOptions extends Pick<GptOptions, "dropout" | "checkpointing"> {
  /** Of the text loss in the sum; default 0.01, for fine-tuning. A model that still has to learn to read wants more. */
  readonly textWeight?: number;
  /** Share of each target that is spread over all classes, one for both losses or each its own; default 0. */
  readonly labelSmoothing?: number | { readonly text?: number; readonly mel?: number };
  /**
   * "tokens" (default): the mean over all targets of the batch. "clips": the mean over clips of each clip's
   * mean, so that short ones count as much as long ones. "sum": over all targets, to be divided by the
   * number of them in several batches.
   */
  readonly normalise?: "tokens" | "clips" | "sum";
}

export interface Losses {
  /** textWeight · text + mel. */
  readonly loss: Tensor;
  readonly text: Tensor;
  readonly mel: Tensor;
  /** What each position predicts, [batch, conditioning + positions, textTokens]. */
  readonly textLogits: Tensor;
  /** [batch, conditioning + positions, melCodes]. */
  readonly melLogits: Tensor;
}

/** How far the model is from the text and the codes of a batch, for use inside `compile`. */
export function trainingLosses(
  weights: Weights,
  batch: Batch,
  config: UnifiedVoiceConfig,
  options: LossOptions = {},
): Losses {
  const { dropout, checkpointing } = options;
  const { layers, heads } = config;
  const h = gpt(weights, embedBatch(weights, batch, config), {
    layers,
    heads,
    ...(dropout ? { dropout } : {}),
    ...(checkpointing === undefined ? {} : { checkpointing }),
  });
  return stateLosses(weights, h, batch, options);
}

/** The losses of what the GPT gave. @param h [batch, conditioning + positions, dim]. */
export function stateLosses(
  weights: Weights,
  h: Tensor,
  batch: Batch,
  { textWeight = 0.01, labelSmoothing = 0, normalise = "tokens" }: LossOptions,
): Losses {
  const textLogits = head(weights, "text_head", h);
  const melLogits = head(weights, "mel_head", h);
  const smoothing = (of: "text" | "mel"): number =>
    typeof labelSmoothing === "number" ? labelSmoothing : (labelSmoothing[of] ?? 0);
  const lossOf = (of: "text" | "mel", logits: Tensor, targets: Tensor): Tensor =>
    targetLoss(logits, targets, { labelSmoothing: smoothing(of), normalise });
  const text = lossOf("text", textLogits, batch.textTargets);
  const mel = lossOf("mel", melLogits, batch.melTargets);
  return { loss: add(mul(text, textWeight), mel), text, mel, textLogits, melLogits };
}

/** The GPT's input: conditioning, then tokens with their positions. @returns [batch, conditioning + positions, dim]. */
export function embedBatch(weights: Weights, batch: Batch, config: UnifiedVoiceConfig): Tensor {
  const [B = 1, C = 1, bands = 1, frames = 1] = batch.conditioning.shape;
  const clips = conditioningEncoder(weights, reshape(batch.conditioning, [B * C, bands, frames]), {
    heads: config.heads,
    blocks: config.conditioningBlocks,
  });
  const each = reshape(clips, [B, C, config.modelDim]);
  const heard = batch.recipe === "hawksbill" ? mean(each, 1, { keepDims: true }) : each;
  const voice = batch.voiceKept ? mul(heard, reshape(batch.voiceKept, [B, 1, 1])) : heard;
  return concat([voice, embedTokens(weights, batch)], 1);
}

/** Text and codes with their positions. @returns [batch, positions, dim]. */
export function embedTokens(weights: Weights, { ids, positions }: Inputs): Tensor {
  const table = (text: string, mel: string): Tensor =>
    concat([namedWeight(weights, text), namedWeight(weights, mel)], 0);
  return add(
    embedding(table("text_embedding.weight", "mel_embedding.weight"), ids),
    embedding(table("text_pos_embedding.emb.weight", "mel_pos_embedding.emb.weight"), positions),
  );
}

/** Logits of `text_head` or `mel_head`. */
export function head(weights: Weights, name: "text_head" | "mel_head", h: Tensor): Tensor {
  return linear(h, namedWeight(weights, `${name}.weight`), namedWeight(weights, `${name}.bias`));
}

function targetLoss(
  logits: Tensor,
  targets: Tensor,
  {
    labelSmoothing,
    normalise,
  }: { readonly labelSmoothing: number; readonly normalise: "tokens" | "clips" | "sum" },
): Tensor {
  const shared = { ignoreIndex: ignored, labelSmoothing };
  if (normalise === "tokens") return crossEntropy(logits, targets, shared);
  const each = crossEntropy(logits, targets, { ...shared, reduction: "none" }); // [B, S]
  if (normalise === "sum") return sum(each);
  const counted = cast(notEqual(targets, ignored), logits.dtype);
  return mean(div(sum(each, 1), maximum(sum(counted, 1), 1)));
}
