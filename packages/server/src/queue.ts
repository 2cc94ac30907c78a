/** More wanted a place than may wait for one. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

export interface QueueOptions {
  /** How many have a place at once. */
  readonly concurrency: number;
  /** How many may wait for one. */
  readonly maxWaiting: number;
}

/** Lets a few work at once and a bounded number wait, first come, first served. */
export class Queue {
  readonly #options: QueueOptions;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Waits for a place.
   *
   * @param signal Aborting it gives up waiting; a place that is had stays until it is left.
   * @returns What leaves the place, to be called when the work has ended.
   * @throws {QueueFull} Too many are waiting already.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running < this.#options.concurrency) this.#running++;
    else await this.#turn(signal);
    let hasLeft = false;
    return () => {
      if (!hasLeft) this.#leave();
      hasLeft = true;
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#options.maxWaiting)
      throw new QueueFull(`queue: ${this.#waiting.size} are waiting; try again later`);
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(go);
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.add(go);
    });
  }

  /** The place goes to whoever has waited longest. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running--;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
