import { Random } from "@hawksbill/core";

/** What a speech goes through, in this order. */
export type Stage =
  | "voice"
  | "codes"
  | "ranking"
  | "latents"
  | "diffusion"
  | "dvae"
  | "vocoder"
  | "brackets";

export interface SpeakProgress {
  readonly stage: Stage;
  /** Steps of this stage that are done, 0 as it begins. */
  readonly done: number;
  /** Steps of this stage at most: codes may end before. */
  readonly of: number;
}

export interface JobOptions {
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SpeakProgress) => void;
  /** A clock, in milliseconds; default `performance.now`. */
  readonly now?: () => number;
}

/** What the stages of one speech share: where randomness comes from, when to stop, what is told, what took how long. */
export class Job {
  readonly random: Random;
  /** To be spread into options, of which some take no undefined. */
  readonly stopping: { readonly signal?: AbortSignal };
  /** Seconds that each stage took. */
  readonly seconds: Partial<Record<Stage, number>> = {};
  readonly #onProgress: ((progress: SpeakProgress) => void) | undefined;
  readonly #now: () => number;

  constructor({ seed, signal, onProgress, now = () => performance.now() }: JobOptions) {
    this.random = new Random(seed);
    this.stopping = signal ? { signal } : {};
    this.#onProgress = onProgress;
    this.#now = now;
  }

  /** Does a part of a stage, if the job is not to stop. */
  async stage<T>(name: Stage, work: () => Promise<T>): Promise<T> {
    this.stopping.signal?.throwIfAborted();
    const began = this.#now();
    try {
      return await work();
    } finally {
      this.seconds[name] = (this.seconds[name] ?? 0) + (this.#now() - began) / 1000;
    }
  }

  /** Does a stage that is one step, and tells of it. */
  async step<T>(name: Stage, work: () => Promise<T>): Promise<T> {
    this.tell(name, 0, 1);
    const made = await this.stage(name, work);
    this.tell(name, 1, 1);
    return made;
  }

  tell(stage: Stage, done: number, of: number): void {
    this.#onProgress?.({ stage, done, of });
  }
}
