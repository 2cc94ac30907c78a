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
  /** Infinite until there is a number: NaN is no lowest loss, but counts as an evaluation that was none the better. */
  #lowest = { step: 0, loss: Number.POSITIVE_INFINITY, worseSince: 0 };
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
    if (!(loss < this.#lowest.loss)) {
      this.#lowest.worseSince++;
      return false;
    }
    this.#lowest = { step, loss, worseSince: 0 };
    if (this.#restores) this.#keep(weights);
    return true;
  }

  /** Whether too many evaluations in a row were none the better. */
  get exhausted(): boolean {
    return this.#lowest.worseSince >= this.#patience;
  }

  get found(): { readonly step: number; readonly loss: number } | undefined {
    const { step, loss } = this.#lowest;
    return loss < Number.POSITIVE_INFINITY ? { step, loss } : undefined;
  }

  /** Its own tensors, not a copy. */
  get state(): BestState | undefined {
    if (!this.found && this.#lowest.worseSince === 0) return undefined;
    return { ...this.#lowest, ...(this.#weights ? { weights: this.#weights } : {}) };
  }

  /** Goes on from a saved state, which is copied. One without the weights that are wanted counts for nothing. */
  load({ step, loss, worseSince, weights }: BestState): void {
    if (this.#restores && !weights && Number.isFinite(loss)) return;
    this.#lowest = { step, loss, worseSince };
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
