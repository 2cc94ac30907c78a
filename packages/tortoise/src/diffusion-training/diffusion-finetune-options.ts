import type { Weights } from "@hawksbill/core";
import type { FinetuneOptions } from "../finetune-options.js";

/** What of a fine-tuning is the same for the diffusion decoder as for UnifiedVoice. */
type SameOptions = Pick<
  FinetuneOptions,
  | "clips"
  | "device"
  | "steps"
  | "batchSize"
  | "accumulate"
  | "schedule"
  | "optimizer"
  | "clip"
  | "adapter"
  | "programs"
  | "heldOut"
  | "conditioningClips"
  | "balance"
  | "seed"
  | "averageDecay"
  | "cache"
  | "evaluateEvery"
  | "best"
  | "checkpoint"
  | "resume"
  | "signal"
  | "memoryMB"
>;

export interface DiffusionFinetuneOptions extends SameOptions {
  /** The decoder's weights, named as in diffusion_decoder.pth: float32, in memory. Trained in place. */
  readonly diffusion: Weights;
  /**
   * What the decoder is to hear: at best the very UnifiedVoice that it will speak with, fine-tuned or not. Nothing of
   * it changes; its weights may lie in their file.
   */
  readonly model: FinetuneOptions["model"];
  /** Highest learning rate; default 1e-5, or 20 times that for an adapter. */
  readonly learningRate?: number;
  /** Default 0.001. */
  readonly weightDecay?: number;
  /** Of AdamW and Lion; default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Share of the clips whose speech and voice are hidden, so that guidance goes on to work; default 0.1. */
  readonly unconditioned?: number;
  /** Of the guess of the mel beside the other losses; default 1, as in TorToiSe's training. */
  readonly guessWeight?: number;
  /** Longer clips are heard in pieces of this, from anywhere in them; default 10. */
  readonly longestSeconds?: number;
}
