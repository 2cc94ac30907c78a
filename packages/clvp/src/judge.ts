import {
  type CompiledFunction,
  compile,
  type Device,
  DisposedError,
  disposeTree,
  NonFiniteError,
  type Tensor,
  tensor,
} from "@hawksbill/core";

export interface JudgeOptions {
  /** Aborting ends the judging with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each candidate. */
  readonly onProgress?: (progress: JudgeProgress) => void;
}

export interface JudgeProgress {
  /** Candidates judged so far. */
  readonly judged: number;
  readonly candidates: number;
}

/**
 * Compares candidates with one latent, one candidate after the other: a batch would be no faster, since one fills
 * the processor, and would need a program and memory of its own.
 */
export class Judge {
  readonly #caller: string;
  readonly #codes: number;
  readonly #title: string;
  readonly #run: CompiledFunction<[codes: Tensor, latent: Tensor], Tensor>;
  #released = false;

  /**
   * @param options.caller What errors call it.
   * @param options.title What errors call the model.
   * @param options.speechTokens How many codes the model knows.
   * @param options.score What a candidate's codes are worth beside the latent. Weights are constants of its program: it is
   *   the same for all candidates.
   */
  constructor(
    device: Device,
    options: {
      readonly caller: string;
      readonly title: string;
      readonly speechTokens: number;
      readonly score: (codes: Tensor, latent: Tensor) => Tensor;
    },
  ) {
    const { caller, title, speechTokens, score } = options;
    this.#caller = caller;
    this.#title = title;
    this.#codes = speechTokens;
    this.#run = compile(score, { device, name: caller, maxPrograms: 1 });
  }

  /**
   * @param latent [1, dim].
   * @throws {NonFiniteError} The model gave what is no number.
   * @throws {DisposedError} It was released.
   */
  async similarities(
    latent: Tensor,
    candidates: readonly ArrayLike<number>[],
    { signal, onProgress }: JudgeOptions = {},
  ): Promise<Float32Array> {
    const scores = new Float32Array(candidates.length);
    for (const [i, candidate] of candidates.entries()) {
      signal?.throwIfAborted();
      this.requireAlive();
      const codes = tensor(Int32Array.from(candidate), { shape: [1, candidate.length] });
      const made = [codes];
      try {
        const score = await this.#run(codes, latent);
        made.push(score);
        const value = await score.item();
        if (!Number.isFinite(value))
          throw new NonFiniteError(
            `${this.#caller}: the score of candidate ${i} is NaN or infinite; look for such numbers in the weights`,
          );
        scores[i] = value;
      } finally {
        disposeTree(made);
      }
      onProgress?.({ judged: i + 1, candidates: candidates.length });
    }
    return scores;
  }

  /** @throws {RangeError} There are no candidates, they differ in length, or a code is unknown. */
  check(candidates: readonly ArrayLike<number>[]): void {
    const [first] = candidates;
    if (!first || first.length === 0)
      throw new RangeError(
        `${this.#caller}: there ${first ? "are no codes in candidate 0" : "is no candidate"}; give one or more, of one code or more`,
      );
    for (const [i, candidate] of candidates.entries()) {
      if (candidate.length !== first.length)
        throw new RangeError(
          `${this.#caller}: candidate ${i} has ${candidate.length} codes, candidate 0 has ${first.length}; pad all to one length, since every code counts in the mean`,
        );
      const at = Array.from(candidate).findIndex(
        (code) => !(Number.isInteger(code) && code >= 0 && code < this.#codes),
      );
      if (at >= 0)
        throw new RangeError(
          `${this.#caller}: code ${candidate[at]} at ${at} of candidate ${i} is not one of ${this.#codes}; replace start and stop tokens by the code of silence first`,
        );
    }
  }

  /** @throws {DisposedError} It was released: a program that is loaded now nobody would free. */
  requireAlive(): void {
    if (this.#released)
      throw new DisposedError(
        `${this.#caller}: this ${this.#title} was disposed of; create another`,
      );
  }

  /** Frees the program. */
  async release(): Promise<void> {
    this.#released = true;
    await this.#run.release();
  }
}
