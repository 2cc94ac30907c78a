import { type DType, Tensor, type TypedArray, tensor } from "@hawksbill/core";
import { send, type WorkerPort } from "./port.js";
import { WorkerError } from "./worker-error.js";

/** A value as it goes from thread to thread: tensors and errors, which would arrive as empty objects, are marked. */
export type Packed = { readonly packed: unknown };

/** Stands for a tensor. */
interface SentTensor {
  readonly hawksbill: "tensor";
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** Stands for an error. */
interface SentError {
  readonly hawksbill: "error";
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: unknown;
  /** What the error holds beside. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** A class of errors that are to arrive as such. */
export type ErrorClass = abstract new (...args: never[]) => Error;

const movedValues = new WeakSet<object>();

/**
 * Marks a value (an array, a tensor, an object of them) to be moved to the other thread instead of copied: it is empty
 * here once it was sent.
 */
export function moved<T extends object>(value: T): T {
  movedValues.add(value);
  return value;
}

/** A value to be sent, and the memory that goes with it. Reads tensors of devices and files. */
export async function pack(
  value: unknown,
): Promise<{ readonly packed: Packed; readonly transfer: ArrayBuffer[] }> {
  const transfer = new Set<ArrayBuffer>();

  async function walk(x: unknown, moves: boolean): Promise<unknown> {
    if (typeof x !== "object" || x === null) return x;
    const isMoved = moves || movedValues.has(x);
    if (ArrayBuffer.isView(x)) {
      if (isMoved) transfer.add(x.buffer as ArrayBuffer);
      return x;
    }
    if (x instanceof Tensor) {
      const data = (await walk(await x.data(), isMoved)) as TypedArray;
      return { hawksbill: "tensor", dtype: x.dtype, shape: x.shape, data } satisfies SentTensor;
    }
    if (x instanceof Error) {
      const { name, message, stack, cause, ...own } = x;
      return {
        hawksbill: "error",
        // Of a DOMException they are not its own properties.
        name: x.name,
        message: x.message,
        stack: x.stack,
        cause: await walk(x.cause, isMoved),
        own: (await walk(own, isMoved)) as SentError["own"],
      } satisfies SentError;
    }
    if (Array.isArray(x)) return Promise.all(x.map((item) => walk(item, isMoved)));
    if (!isPlain(x)) return x;
    const entries = Object.entries(x).map(async ([k, item]) => [k, await walk(item, isMoved)]);
    return Object.fromEntries(await Promise.all(entries));
  }

  return { packed: { packed: await walk(value, false) }, transfer: [...transfer] };
}

/** The value that was sent. @param errors Classes by whose `name` errors are recognised. */
export function unpack({ packed }: Packed, errors: readonly ErrorClass[] = []): unknown {
  function walk(x: unknown): unknown {
    if (typeof x !== "object" || x === null || ArrayBuffer.isView(x)) return x;
    if (Array.isArray(x)) return x.map(walk);
    if (!isPlain(x)) return x;
    if (isSent<SentTensor>(x, "tensor")) return tensor(x.data, { shape: x.shape, dtype: x.dtype });
    if (isSent<SentError>(x, "error")) return errorOf(x, walk, errors);
    return Object.fromEntries(Object.entries(x).map(([k, item]) => [k, walk(item)]));
  }
  return walk(packed);
}

function errorOf(
  { name, message, stack, cause, own }: SentError,
  walk: (x: unknown) => unknown,
  errors: readonly ErrorClass[],
): Error {
  if (name === "AbortError") return new DOMException(message, name);
  const error = new Error(message);
  // No constructor is called: what it wants is not known here.
  const known = errors.find((one) => one.name === name);
  if (known) Object.setPrototypeOf(error, known.prototype);
  Object.assign(error, { name, stack }, cause === undefined ? {} : { cause: walk(cause) });
  return Object.assign(error, walk(own));
}

function isPlain(x: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
}

function isSent<T extends { readonly hawksbill: string }>(x: object, kind: T["hawksbill"]): x is T {
  return (x as Partial<T>).hawksbill === kind;
}

/** Sends a packed message. @throws {WorkerError} It holds something that cannot cross. */
export function post(port: WorkerPort, message: unknown, transfer: ArrayBuffer[] = []): void {
  try {
    send(port, message, transfer);
  } catch (cause) {
    throw new WorkerError(
      `worker: a value cannot go to another thread (${cause instanceof Error ? cause.message : String(cause)}); give plain objects, arrays, tensors and errors, and no functions`,
      { cause },
    );
  }
}
