import { disposeTree, mapTree, type Weights, zeros } from "@hawksbill/core";
import { copyWeights } from "./host-weights.js";
import type { LossNumbers } from "./loss-numbers.js";
import type { BestOptions } from "./train-options.js";
import { TrainingError } from "./training-error.js";
import type { BestState } from "./training-state.js";

/** Remembers the weights that the held-out batches liked best, and how long ago that was. */
export class BestWeights {
  readonly #metric: string;
  readonly #patience: number;
  readonly #restores: boolean;
  #found: { step: number; loss: number; worseSince: number } | undefined;
  #weights: Weights | undefined;

  constructor({
    metric = "loss",
    patience = Number.POSITIVE_INFINITY,
    restore = true,
  }: BestOptions) {
    this.#metric = metric;
    this.#patience = patience;
    this.#restores = restore;
  }

  /** Whether these weights are the best so far; then they are copied. */
  consider(step: number, losses: LossNumbers, weights: Weights): boolean {
    const loss = losses[this.#metric];
    if (loss === undefined)
      throw new TrainingError(
        `train: best.metric is "${this.#metric}", but the loss function gives ${Object.keys(losses).join(", ")}; name one of them`,
      );
    if (!(loss < (this.#found?.loss ?? Number.POSITIVE_INFINITY))) {
      if (this.#found) this.#found.worseSince++;
      return false;
    }
    this.#found = { step, loss, worseSince: 0 };
    if (this.#restores) this.#keep(weights);
    return true;
  }

  /** Whether too many evaluations in a row were none the better. */
  get exhausted(): boolean {
    return (this.#found?.worseSince ?? 0) >= this.#patience;
  }

  get found(): { readonly step: number; readonly loss: number } | undefined {
    return this.#found && { step: this.#found.step, loss: this.#found.loss };
  }

  /** Its own tensors, not a copy. */
  get state(): BestState | undefined {
    return this.#found && { ...this.#found, ...(this.#weights ? { weights: this.#weights } : {}) };
  }

  /** Goes on from a saved state, which is copied. One without the weights that are wanted counts for nothing. */
  load({ step, loss, worseSince, weights }: BestState): void {
    if (this.#restores && !weights) return;
    this.#found = { step, loss, worseSince };
    if (this.#restores && weights) this.#keep(weights);
  }

  /** Puts the best weights into these. */
  restore(weights: Weights): void {
    if (this.#weights) copyWeights("train: best", this.#weights, weights);
  }

  dispose(): void {
    disposeTree(this.#weights);
    this.#weights = undefined;
  }

  #keep(weights: Weights): void {
    this.#weights ??= mapTree(weights, (x) => zeros(x.shape));
    copyWeights("train: best", weights, this.#weights);
  }
}
