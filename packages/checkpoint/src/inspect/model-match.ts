import { type Shape, sizeOf } from "@hawksbill/core";
import { compare, type MisshapenTensor, type MissingTensor } from "./compare.js";
import { inferSizes, type Votes, votes } from "./infer-sizes.js";
import { modelKinds } from "./kinds/index.js";
import { type ModelKind, TensorNames } from "./model-kind.js";
import type { Sizes, TensorSpec } from "./tensor-spec.js";

/** Shapes of a file's tensors by name. */
export type Shapes = ReadonlyMap<string, Shape>;

/** A kind of model held against the tensors under a prefix of their names. */
export class ModelMatch {
  readonly kind: ModelKind;
  /** What the names of the model's tensors begin with in the file, e.g. "model_g."; mostly "". */
  readonly prefix: string;
  readonly specs: readonly TensorSpec[];
  /** By the names that the original has now; values are those in the file. */
  readonly #fileNames: ReadonlyMap<string, string>;
  readonly #shapes: Shapes;
  readonly #names: TensorNames;
  readonly #counts: Sizes;

  constructor(kind: ModelKind, prefix: string, shapes: Shapes) {
    this.kind = kind;
    this.prefix = prefix;
    this.#fileNames = new Map(
      [...shapes.keys()]
        .filter((name) => name.startsWith(prefix))
        .map((name) => [withOldWeightNorm(name.slice(prefix.length)), name]),
    );
    this.#shapes = new Map(
      [...this.#fileNames].map(([name, fileName]) => [name, shapes.get(fileName) as Shape]),
    );
    this.#names = new TensorNames(this.#shapes.keys());
    this.#counts = kind.counts(this.#names);
    this.specs = [...kind.tensors(this.#counts)];
  }

  /** Tensors of the model that are in the file. */
  get found(): readonly TensorSpec[] {
    return this.specs.filter(({ name }) => this.#names.has(name));
  }

  /** Names under the prefix, in the file, that the model does not have. */
  get others(): { readonly tensor: string; readonly what: string | undefined }[] {
    const known = new Set(this.specs.map(({ name }) => name));
    return [...this.#fileNames]
      .filter(([name]) => !known.has(name))
      .map(([name, tensor]) => ({
        tensor,
        what: this.kind.extras?.find(({ pattern }) => pattern.test(name))?.what,
      }));
  }

  /** How well the names fit, from 0 to the number of tensors. */
  get score(): number {
    const found = this.found.length;
    const strangers = this.others.filter(({ what }) => what === undefined).length;
    const wanted = this.specs.filter(({ optional }) => optional === undefined).length;
    // Half of the names of a model, or half of the file's: the rest is damage, or a part of the model.
    if (found === 0 || (2 * found < wanted && found < strangers)) return 0;
    return (found * found) / (Math.max(wanted, found) + strangers);
  }

  /** Sizes and problems; computed when asked for, since most kinds are passed over. */
  examine(): {
    readonly sizes: Sizes;
    readonly parameters: number;
    readonly definition: string | undefined;
    readonly missing: readonly MissingTensor[];
    readonly misshapen: readonly MisshapenTensor[];
  } {
    const counted: Votes = votes(this.specs, (name) => this.#shapes.get(name));
    const sizes = { ...this.#counts, ...inferSizes(counted) };
    const { missing, misshapen } = compare(this.specs, this.#shapes, sizes, counted);
    const nameInFile = <T extends { readonly tensor: string }>(problem: T): T => ({
      ...problem,
      tensor: this.#fileNames.get(problem.tensor) ?? `${this.prefix}${problem.tensor}`,
    });
    return {
      sizes,
      parameters: this.found.reduce(
        (sum, { name }) => sum + sizeOf(this.#shapes.get(name) ?? []),
        0,
      ),
      definition: this.kind.definition?.(this.#names, sizes),
      missing: missing.map(nameInFile),
      misshapen: misshapen.map(nameInFile),
    };
  }
}

/** The kind and prefix that fit a file's names best, if any does. */
export function matchModel(shapes: Shapes): ModelMatch | undefined {
  let best: ModelMatch | undefined;
  for (const prefix of prefixes(shapes.keys()))
    for (const kind of Object.values<ModelKind>(modelKinds)) {
      const match = new ModelMatch(kind, prefix, shapes);
      if (match.score > (best?.score ?? 0)) best = match;
    }
  return best;
}

/** What a trainer or wrapper puts before names; more than these are nobody's habit. */
const wrappers = /^((module|model|model_g|state_dict|weights|ema|net|network|generator|params)\.)+/;

/** None, and those that the names have. */
function prefixes(names: Iterable<string>): ReadonlySet<string> {
  const found = new Set([""]);
  for (const name of names) {
    const prefix = wrappers.exec(name)?.[0];
    if (prefix !== undefined && found.size < 16) found.add(prefix);
  }
  return found;
}

/** PyTorch's newer weight norm calls its parts otherwise. */
function withOldWeightNorm(name: string): string {
  return name
    .replace(/\.parametrizations\.weight\.original0$/, ".weight_g")
    .replace(/\.parametrizations\.weight\.original1$/, ".weight_v");
}
