import { type DType, Tensor, type Tree } from "@hawksbill/core";
import { CheckpointError } from "../checkpoint-error.js";

const storageNames = {
  float32: "FloatStorage",
  float16: "HalfStorage",
  int64: "LongStorage",
  int32: "IntStorage",
  bool: "BoolStorage",
  uint8: "ByteStorage",
  int8: "CharStorage",
} as const satisfies { [D in DType]: string };

/** A pickle as torch.save writes it, and the tensors whose bytes it refers to by their index. */
export function pickle(
  tree: Tree,
  file: string,
): { bytes: Uint8Array; tensors: readonly Tensor[] } {
  const writer = new PickleWriter(file);
  writer.value(tree, "");
  return { bytes: writer.bytes(), tensors: [...writer.tensors.keys()] };
}

class PickleWriter {
  /** With their keys: a tensor that is there twice is stored once. */
  readonly tensors = new Map<Tensor, number>();
  readonly #file: string;
  readonly #bytes: number[] = [0x80, 2]; // PROTO

  constructor(file: string) {
    this.#file = file;
  }

  bytes(): Uint8Array {
    return Uint8Array.from([...this.#bytes, 0x2e]); // STOP
  }

  value(value: Tree, path: string): void {
    const inner = (name: string | number): string => (path === "" ? `${name}` : `${path}.${name}`);
    if (value === null || value === undefined) this.#op("N");
    else if (typeof value === "boolean") this.#bytes.push(value ? 0x88 : 0x89);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (value instanceof Tensor) this.#tensor(value);
    else if (Array.isArray(value)) {
      this.#op("](");
      for (const [i, item] of value.entries()) this.value(item, inner(i));
      this.#op("e");
    } else if (isPlain(value)) {
      this.#op("}(");
      for (const [name, item] of Object.entries(value)) {
        if (item === undefined) continue;
        this.#text(name);
        this.value(item, inner(name));
      }
      this.#op("u");
    } else {
      const type = typeof value === "object" ? value.constructor?.name : typeof value;
      throw new CheckpointError(
        this.#file,
        `"${path}" is a ${type}; give tensors, numbers, texts, or plain objects and arrays of them`,
      );
    }
  }

  /** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks) */
  #tensor(tensor: Tensor): void {
    const key = this.tensors.get(tensor) ?? this.tensors.size;
    this.tensors.set(tensor, key);
    const { dtype, shape, size } = tensor;
    this.#global("torch._utils", "_rebuild_tensor_v2");
    this.#op("((");
    this.#text("storage");
    this.#global("torch", storageNames[dtype]);
    this.#text(String(key));
    this.#text("cpu");
    this.#number(size);
    this.#op("tQ");
    this.#number(0);
    this.#numbers(shape);
    this.#numbers(rowMajorStrides(shape));
    this.#bytes.push(0x89);
    this.#global("collections", "OrderedDict");
    this.#op(")RtR");
  }

  #numbers(values: readonly number[]): void {
    this.#op("(");
    for (const value of values) this.#number(value);
    this.#op("t");
  }

  /** Whole numbers as Python's int, others as float. */
  #number(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
    if (isWhole && value === (value | 0)) {
      view.setInt32(0, value, true);
      this.#op("J");
      this.#bytes.push(...new Uint8Array(view.buffer, 0, 4));
      return;
    }
    if (isWhole) {
      view.setBigInt64(0, BigInt(value), true);
      this.#bytes.push(0x8a, 8); // LONG1
    } else {
      view.setFloat64(0, value, false);
      this.#op("G");
    }
    this.#bytes.push(...new Uint8Array(view.buffer));
  }

  #text(text: string): void {
    const utf8 = new TextEncoder().encode(text);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, utf8.length, true);
    this.#op("X");
    this.#bytes.push(...length);
    for (const byte of utf8) this.#bytes.push(byte);
  }

  #global(module: string, name: string): void {
    this.#op(`c${module}\n${name}\n`);
  }

  /** Instructions whose codes are letters. */
  #op(letters: string): void {
    for (const letter of letters) this.#bytes.push(letter.charCodeAt(0));
  }
}

function rowMajorStrides(shape: readonly number[]): number[] {
  let stride = 1;
  return shape
    .toReversed()
    .map((n) => {
      const own = stride;
      stride *= Math.max(n, 1);
      return own;
    })
    .toReversed();
}

function isPlain(value: object): value is { readonly [name: string]: Tree } {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
