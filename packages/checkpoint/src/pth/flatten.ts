import { quoted } from "../checkpoint-error.js";
import {
  NumpyDType,
  type Pickled,
  PickledFunction,
  PickledStorage,
  PickledTensor,
} from "./pickled.js";
import { PickleError } from "./python-names.js";

/** What a checkpoint holds besides tensors: plain data, as JSON has it, and bytes and large whole numbers. */
export type CheckpointValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CheckpointValue[]
  | { readonly [name: string]: CheckpointValue };

// Files from strangers: few instructions can make a tree of which each branch is the same, and endless.
const mostTensors = 100_000;
const mostContainers = 200_000;
const mostValues = 2_000_000;
const deepest = 64;
const longestName = 4096;

/**
 * The tensors of nested dicts and lists, each by the keys on the way to it joined by dots, and the rest as it is
 * without them: dicts leave them out, lists have null in their place, and what holds only tensors is left out.
 *
 * A tensor that is not in anything is called "tensor"; another value "value".
 *
 * @throws {PickleError} Two tensors have one name, or there is more than any checkpoint holds.
 */
export function flatten(root: Pickled): {
  tensors: Map<string, PickledTensor>;
  values: Record<string, CheckpointValue>;
} {
  const walk = new Walk();
  const top = Array.isArray(root) ? new Map<Pickled, Pickled>(root.entries()) : root;
  const values = walk.convert(top, undefined, 0) ?? {};
  const isOne = !(top instanceof Map || top instanceof PickledTensor);
  return { tensors: walk.tensors, values: isOne ? { value: values } : (values as Values) };
}

type Values = Record<string, CheckpointValue>;

class Walk {
  readonly tensors = new Map<string, PickledTensor>();
  #containers = 0;
  #values = 0;

  /** @returns Undefined where there are only tensors. */
  convert(value: Pickled, name: string | undefined, depth: number): CheckpointValue | undefined {
    this.#values++;
    if (this.#values > mostValues) throw tooMuch(`${mostValues} values`);
    if (value instanceof PickledTensor) return this.#tensor(value, name ?? "tensor");
    if (Array.isArray(value) || value instanceof Map) {
      this.#containers++;
      if (this.#containers > mostContainers) throw tooMuch(`${mostContainers} lists and dicts`);
      if (depth > deepest) throw tooMuch(`${deepest} lists and dicts within one another`);
      return Array.isArray(value)
        ? this.#list(value, name, depth + 1)
        : this.#dict(value, name, depth + 1);
    }
    if (value instanceof PickledFunction) return value.name;
    if (value instanceof PickledStorage || value instanceof NumpyDType)
      throw new PickleError(
        `has ${quoted(name ?? "")}, which is no tensor but a part of one; save the tensor`,
      );
    return value;
  }

  #tensor(tensor: PickledTensor, name: string): undefined {
    if (this.tensors.has(name))
      throw new PickleError(
        `has two tensors whose names with dots are ${quoted(name)}; rename one`,
      );
    this.tensors.set(name, tensor);
    if (this.tensors.size > mostTensors) throw tooMuch(`${mostTensors} tensors`);
  }

  #list(
    items: readonly Pickled[],
    name: string | undefined,
    depth: number,
  ): CheckpointValue | undefined {
    const converted = items.map((item, i) => this.convert(item, inner(name, i), depth));
    if (items.length > 0 && converted.every((item) => item === undefined)) return undefined;
    return converted.map((item) => item ?? null);
  }

  #dict(dict: Map<Pickled, Pickled>, name: string | undefined, depth: number): Values | undefined {
    const entries: [string, CheckpointValue][] = [];
    for (const [key, value] of dict) {
      const converted = this.convert(value, inner(name, key), depth);
      if (converted !== undefined) entries.push([keyName(key), converted]);
    }
    if (dict.size > 0 && entries.length === 0) return undefined;
    return Object.fromEntries(entries);
  }
}

function tooMuch(what: string): PickleError {
  return new PickleError(`has more than ${what}, which no checkpoint needs; it is made to deceive`);
}

function inner(name: string | undefined, key: Pickled): string {
  const text = keyName(key);
  const full = name === undefined ? text : `${name}.${text}`;
  if (full.length > longestName) throw tooMuch(`${longestName} letters in a name`);
  return full;
}

/** As Python prints it. */
function keyName(key: Pickled): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "bigint") return String(key);
  if (key === null) return "None";
  if (typeof key === "boolean") return key ? "True" : "False";
  throw new PickleError("has a dict whose key is neither text nor number; save it with other keys");
}
