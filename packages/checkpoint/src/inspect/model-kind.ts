import type { Sizes, TensorSpec } from "./tensor-spec.js";

/** A setting that a checkpoint does not tell. */
export interface UnknownSetting {
  /** As the original calls it. */
  readonly setting: string;
  /** Of the released model, where it is known. */
  readonly released?: string | number;
  /** Why it cannot be known, or what it changes. */
  readonly why: string;
}

/** One kind of model: the names and shapes of its tensors at any size. */
export interface ModelKind<Count extends string = string> {
  /** What it is called in `Inspection.kind`. */
  readonly kind: string;
  /** What it is called in sentences. */
  readonly title: string;
  /** Sizes that only the names tell, such as the number of layers. */
  counts(names: TensorNames): Readonly<Record<Count, number>>;
  /** All its tensors; the other sizes are in their shapes. */
  tensors(counts: Readonly<Record<Count, number>>): Iterable<TensorSpec>;
  /** Tensors that such files have besides, and what for; they are no part of the model. */
  readonly extras?: readonly Extra[];
  /** What more the names and sizes tell, e.g. whose definition it is. */
  definition?(names: TensorNames, sizes: Sizes): string;
  unknownSettings(sizes: Sizes): readonly UnknownSetting[];
}

/** Tensors that a file may have and a model does not need. */
export interface Extra {
  readonly pattern: RegExp;
  readonly what: string;
}

/** No model has as many; a hostile file would have us list the tensors of billions. */
const mostLayers = 1000;

/** The names of a file's tensors, to count layers by. */
export class TensorNames {
  readonly #names: ReadonlySet<string>;

  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /**
   * How many layers there are: one more than the highest number in names, and at least one.
   *
   * @param pattern Its first group is the number.
   */
  count(pattern: RegExp): number {
    return Math.max(1, ...this.#numbers(pattern).map((n) => n + 1));
  }

  /** How many layers there are, where numbers also count others: at least one. */
  countDifferent(pattern: RegExp): number {
    return Math.max(1, this.#numbers(pattern).length);
  }

  #numbers(pattern: RegExp): number[] {
    const found = new Set<number>();
    for (const name of this.#names) {
      const [, digits] = pattern.exec(name) ?? [];
      if (digits !== undefined && Number(digits) < mostLayers) found.add(Number(digits));
    }
    return [...found];
  }
}
