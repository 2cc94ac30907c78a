import { disposeTree, type Random } from "@hawksbill/core";
import type { Batches } from "./train-options.js";
import { TrainingError } from "./training-error.js";

/** A batch, and how to free it if it is ours to free. */
export interface TakenBatch<B> {
  readonly batch: B;
  dispose(): void;
}

/** The batches one by one, each freed after its turn where it was handed over. */
export async function* takeBatches<B>(batches: Batches<B>): AsyncGenerator<TakenBatch<B>> {
  const kept = Array.isArray(batches);
  for await (const batch of batches as Iterable<B> | AsyncIterable<B>)
    yield { batch, dispose: () => (kept ? undefined : disposeTree(batch)) };
}

/** Walks through the batches epoch after epoch, and knows where it stands. */
export class BatchCursor<B> {
  readonly #batches: (epoch: number, random: Random) => Batches<B>;
  readonly #random: Random;
  #current: AsyncGenerator<TakenBatch<B>> | undefined;
  #epoch: number;
  #batch: number;

  /** @param start Where to begin: so many batches of this epoch are passed over. */
  constructor(
    batches: (epoch: number, random: Random) => Batches<B>,
    random: Random,
    start: { readonly epoch: number; readonly batch: number },
  ) {
    this.#batches = batches;
    this.#random = random;
    this.#epoch = start.epoch;
    this.#batch = start.batch;
  }

  /** Which epoch, and how many of its batches were taken. */
  get position(): { readonly epoch: number; readonly batch: number } {
    return { epoch: this.#epoch, batch: this.#batch };
  }

  /** @throws {TrainingError} The epoch has no batch, or fewer than were taken of it before the resume. */
  async next(): Promise<TakenBatch<B>> {
    for (;;) {
      this.#current ??= await this.#open();
      const { done, value } = await this.#current.next();
      if (!done) {
        this.#batch++;
        return value;
      }
      if (this.#batch === 0)
        throw new TrainingError(
          `train: batches(${this.#epoch}) gave no batch; the dataset is empty, or smaller than one batch`,
        );
      this.#epoch++;
      this.#batch = 0;
      this.#current = undefined;
    }
  }

  /** Lets the source of the batches clean up. */
  async close(): Promise<void> {
    await this.#current?.return(undefined);
  }

  /** The epoch's batches, but for those already taken. */
  async #open(): Promise<AsyncGenerator<TakenBatch<B>>> {
    const random = this.#random.fork(`epoch ${this.#epoch}`);
    const batches = takeBatches(this.#batches(this.#epoch, random));
    for (let i = 0; i < this.#batch; i++) {
      const { done, value } = await batches.next();
      if (done)
        throw new TrainingError(
          `train: batches(${this.#epoch}) gave ${i} batches, but ${this.#batch} were used before the resume; give the same data and batch size`,
        );
      value.dispose();
    }
    return batches;
  }
}
