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
const mostTensors = 50_000;
const mostContainers = 200_000;
const mostValues = 500_000;
const deepest = 64;
const longestName = 4096;

/** What a file holds, apart: its tensors, and the rest. */
export interface Flattened {
  readonly tensors: ReadonlyMap<string, PickledTensor>;
  readonly values: Readonly<Record<string, CheckpointValue>>;
}

/**
 * The tensors of nested dicts and lists, each by the keys on the way to it joined by dots, and the rest as it is
 * without them: dicts leave them out, lists have null in their place, and what holds only tensors is left out.
 *
 * A tensor that is not in anything is called "tensor", another value "value".
 *
 * @throws {PickleError} Two tensors have one name, or there is more than any checkpoint holds.
 */
export function flatten(root: Pickled): Flattened {
  const walk = new Walk();
  const isContainer = root instanceof Map || Array.isArray(root);
  const alone: Pickled = root instanceof PickledTensor ? "tensor" : "value";
  const items: Iterable<[Pickled, Pickled]> = isContainer ? root.entries() : [[alone, root]];
  return { values: walk.dict(items, ""), tensors: walk.tensors };
}

class Walk {
  readonly tensors = new Map<string, PickledTensor>();
  #containers = 0;
  #values = 0;
  #depth = 0;

  /** @param prefix What comes before the keys in names. */
  dict(items: Iterable<[Pickled, Pickled]>, prefix: string): Record<string, CheckpointValue> {
    const entries: [string, CheckpointValue][] = [];
    for (const [key, item] of items) {
      const name = keyName(key);
      const value = this.#convert(item, prefix, name);
      if (value !== undefined) entries.push([name, value]);
    }
    return Object.fromEntries(entries);
  }

  #dict(dict: Map<Pickled, Pickled>, prefix: string): CheckpointValue | undefined {
    const values = this.dict(dict, prefix);
    return dict.size > 0 && Object.keys(values).length === 0 ? undefined : values;
  }

  #list(list: readonly Pickled[], prefix: string): CheckpointValue | undefined {
    const values = list.map((item, i) => this.#convert(item, prefix, i));
    if (list.length > 0 && values.every((value) => value === undefined)) return undefined;
    return values.map((value) => value ?? null);
  }

  /** @returns Undefined where there are only tensors. */
  #convert(value: Pickled, prefix: string, key: string | number): CheckpointValue | undefined {
    this.#values++;
    if (this.#values > mostValues) throw tooMuch(`${mostValues} values`);
    if (value instanceof PickledTensor) return this.#tensor(value, nameOf(prefix, key));
    if (Array.isArray(value) || value instanceof Map) return this.#container(value, prefix, key);
    if (value instanceof PickledFunction) return value.name;
    if (value instanceof PickledStorage || value instanceof NumpyDType)
      throw new PickleError(
        `has ${quoted(nameOf(prefix, key))}, which is no tensor but a part of one; save the tensor`,
      );
    return value;
  }

  #container(
    value: Pickled[] | Map<Pickled, Pickled>,
    prefix: string,
    key: string | number,
  ): CheckpointValue | undefined {
    this.#containers++;
    this.#depth++;
    if (this.#containers > mostContainers) throw tooMuch(`${mostContainers} lists and dicts`);
    if (this.#depth > deepest) throw tooMuch(`${deepest} lists and dicts within one another`);
    const inner = `${nameOf(prefix, key)}.`;
    const converted = Array.isArray(value) ? this.#list(value, inner) : this.#dict(value, inner);
    this.#depth--;
    return converted;
  }

  #tensor(tensor: PickledTensor, name: string): undefined {
    if (this.tensors.has(name))
      throw new PickleError(
        `has two tensors whose names with dots are ${quoted(name)}; rename one`,
      );
    this.tensors.set(name, tensor);
    if (this.tensors.size > mostTensors) throw tooMuch(`${mostTensors} tensors`);
  }
}

function tooMuch(what: string): PickleError {
  return new PickleError(`has more than ${what}, which no checkpoint needs; it is made to deceive`);
}

function nameOf(prefix: string, key: string | number): string {
  if (prefix.length + String(key).length > longestName)
    throw tooMuch(`${longestName} letters in a name`);
  return `${prefix}${key}`;
}

/** As Python prints it. */
function keyName(key: Pickled): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "bigint") return String(key);
  if (key === null) return "None";
  if (typeof key === "boolean") return key ? "True" : "False";
  throw new PickleError("has a dict whose key is neither text nor number; save it with other keys");
}
