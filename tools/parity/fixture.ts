import { decodeSafetensors } from "@hawksbill/checkpoint";
import { type Device, subtree, type Tensor, type Weights } from "@hawksbill/core";
import { numbersOf, type Row } from "./compare.js";

/** A file with what PyTorch computed: weights.*, inputs.*, outputs.*, grads.*, after.* and the like. */
export interface Fixture {
  readonly name: string;
  readonly tensors: Weights;
  /** The metadata's values, parsed where they are JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Runs our implementation on a fixture's inputs and compares. */
export type Check = (fixture: Fixture, device: Device) => Promise<Row[]>;

export function readFixture(name: string, bytes: Uint8Array): Fixture {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const parsed = Object.entries(metadata).map(([key, value]) => [key, parse(value)]);
  return { name, tensors, metadata: Object.fromEntries(parsed) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Some values are plain sentences.
  }
}

/** @throws {Error} The file has no such tensor. */
export function tensorOf(fixture: Fixture, name: string): Tensor {
  const tensor = fixture.tensors[name];
  if (!tensor) throw new Error(`"${name}" is missing`);
  return tensor;
}

/** @throws {Error} The file has no weights. */
export function weightsOf(fixture: Fixture): Weights {
  const weights = subtree(fixture.tensors, "weights");
  if (Object.keys(weights).length === 0) throw new Error('it has no tensors "weights.…"');
  return weights;
}

/** The same tensors by longer names. */
export function prefixed(prefix: string, tensors: Weights): Weights {
  return Object.fromEntries(Object.entries(tensors).map(([name, x]) => [`${prefix}.${name}`, x]));
}

/** Whole numbers of a tensor as rows of its last axis. */
export function rowsOf(tensor: Tensor): number[][] {
  const width = tensor.shape.at(-1) ?? 1;
  const numbers = Array.from(numbersOf(tensor));
  return Array.from({ length: tensor.size / width }, (_, i) =>
    numbers.slice(i * width, (i + 1) * width),
  );
}

/** The settings of the original's constructor. */
export class Config {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws {Error} The metadata has no `config` object. */
  constructor({ metadata }: Fixture) {
    const { config } = metadata;
    if (typeof config !== "object" || config === null)
      throw new Error("its metadata has no config; give a JSON object with the model's sizes");
    this.#values = config as Record<string, unknown>;
  }

  /** @throws {Error} The setting is there but no number, or it is not there and there is no default. */
  number(name: string, byDefault?: number): number {
    const value = this.#values[name] ?? byDefault;
    if (typeof value !== "number") throw new Error(`its config has no number "${name}"`);
    return value;
  }

  /** @throws {Error} The setting is there but no list of numbers. */
  numbers(name: string, byDefault: readonly number[]): readonly number[] {
    const value = this.#values[name] ?? byDefault;
    if (!Array.isArray(value) || !value.every((item) => typeof item === "number"))
      throw new Error(`its config has no numbers "${name}"`);
    return value;
  }

  /**
   * Makes sure that the weights have the sizes that the config states.
   *
   * @throws {Error} Names the first that differs.
   */
  expectSizes(found: Readonly<Record<string, number>>): void {
    for (const [name, size] of Object.entries(found))
      if (this.number(name, size) !== size)
        throw new Error(`its config says ${name} ${this.#values[name]}, its weights say ${size}`);
  }

  /**
   * Makes sure that a variant which we do not have is not asked for.
   *
   * @throws {Error} Names the first setting of another value.
   */
  expectSettings(ours: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(ours))
      if ((this.#values[name] ?? value) !== value)
        throw new Error(
          `its config says ${name} ${JSON.stringify(this.#values[name])}; only ${JSON.stringify(value)} is implemented`,
        );
  }
}
