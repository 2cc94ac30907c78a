import { type DType, DTypeError, dtypes, type TypedArray, toNumbers } from "./dtype.js";
import type { Node } from "./graph.js";
import { beginLife, endLife } from "./scope.js";
import { type Shape, ShapeError, sameShape, sizeOf } from "./shape.js";

/** Elements that live on a device: only the runtime that made them can read them. */
export interface DeviceBuffer {
  /** The runtime's own handle, fed back to it as an input. */
  readonly handle: unknown;
  readonly deviceName: string;
  /** The same for all devices whose programs take the handle. */
  readonly home: unknown;
  download(): Promise<TypedArray>;
  dispose(): void;
}

/** Where the bytes of a tensor lie until somebody asks for them: little-endian, row-major. */
export interface TensorSource {
  read(): Promise<Uint8Array>;
  /** The same bytes in a file of this machine, which ONNX Runtime maps instead of copying them. */
  readonly file?: { readonly path: string; readonly offset: number };
}

/** Where a tensor's elements come from. */
export type Source =
  | { readonly kind: "host"; readonly data: TypedArray }
  | { readonly kind: "stored"; readonly stored: TensorSource }
  | { readonly kind: "device"; readonly buffer: DeviceBuffer }
  | { readonly kind: "output"; readonly node: Node }
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "disposed" };

/** A tensor was used after it had been disposed of. */
export class DisposedError extends Error {
  override readonly name = "DisposedError";
}

/**
 * An array of numbers with a dtype and a shape: either its elements (on the host or on a device),
 * or the recipe for them (an operator's output), which `compile` turns into a program.
 */
export class Tensor {
  #source: Source;
  #live = false;

  /** @internal Users call `tensor`, `zeros`, …, or an operator. */
  constructor(
    readonly dtype: DType,
    readonly shape: Shape,
    source: Source,
  ) {
    this.#source = source;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Where the elements are: "host", "device", "stored" (see `lazyTensor`), or "program" for one that no run has filled. */
  get place(): "host" | "device" | "stored" | "program" | "disposed" {
    const { kind } = this.#source;
    return kind === "output" || kind === "input" ? "program" : kind;
  }

  /**
   * The elements, row-major; on the host the tensor's own array, not a copy. What is stored is read anew each time.
   *
   * @throws {DisposedError} The tensor has been disposed of.
   * @throws {TypeError} The tensor is part of a program that has not run.
   */
  async data(): Promise<TypedArray> {
    const source = this.#source;
    if (source.kind === "device") return source.buffer.download();
    if (source.kind === "stored") return readStored(this, source.stored);
    return this.dataSync();
  }

  /** `data()` for a tensor that is known to be on the host. */
  dataSync(): TypedArray {
    const source = sourceOf(this, "data");
    if (source.kind === "host") return source.data;
    const place =
      source.kind === "device"
        ? `on ${source.buffer.deviceName}`
        : source.kind === "stored" && "in a file";
    throw new TypeError(
      place
        ? `data: ${this} is ${place}; read it with await tensor.data()`
        : `data: ${this} is part of a program; return it from a compiled function to get its elements`,
    );
  }

  /**
   * The only element, as a number.
   *
   * @throws {ShapeError} The tensor has more elements than one.
   */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError(`item: ${this} has ${this.size} elements; give a tensor with one`);
    return Number(toNumbers(await this.data(), this.dtype)[0]);
  }

  /** Frees the elements. Disposing twice does nothing. */
  dispose(): void {
    if (!this.#live) return; // Disposed of, a constant of a program, or a recipe: nothing to free.
    if (this.#source.kind === "device") this.#source.buffer.dispose();
    this.#source = { kind: "disposed" };
    this.#live = false;
    endLife();
  }

  toString(): string {
    return `${this.dtype}[${this.shape}]`;
  }

  /** @internal `assign` is for users. */
  static assign(to: Tensor, from: Tensor): void {
    const [old, source] = [sourceOf(to, "assign"), sourceOf(from, "assign")];
    if (!to.#live || !from.#live)
      throw new TypeError("assign: both tensors must hold elements of their own; give two that do");
    if (to === from) return;
    if (old.kind === "device") old.buffer.dispose();
    to.#source = source;
    from.#source = { kind: "disposed" };
    from.#live = false;
    endLife();
  }

  /** @internal */
  static source(tensor: Tensor): Source {
    return tensor.#source;
  }

  /** @internal Puts a tensor with elements under the care of the innermost scope. */
  static track(tensor: Tensor): Tensor {
    tensor.#live = true;
    beginLife(tensor);
    return tensor;
  }
}

async function readStored(tensor: Tensor, stored: TensorSource): Promise<TypedArray> {
  const { array } = dtypes[tensor.dtype];
  const bytes = await stored.read();
  const wanted = tensor.size * array.BYTES_PER_ELEMENT;
  if (bytes.length !== wanted)
    throw new ShapeError(
      `data: ${tensor} has ${wanted} bytes, its source gave ${bytes.length}; was the file changed?`,
    );
  const { buffer, byteOffset } =
    bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new array(buffer as ArrayBuffer, byteOffset, tensor.size);
}

/** @internal Where a tensor's elements come from, for an operation named `op`. */
export function sourceOf(tensor: Tensor, op: string): Exclude<Source, { kind: "disposed" }> {
  const source = Tensor.source(tensor);
  if (source.kind === "disposed")
    throw new DisposedError(
      `${op}: ${tensor} was disposed of; use it before dispose() or before its scope ends, or return it from the scope`,
    );
  return source;
}

/**
 * Makes `from`'s elements `to`'s, wherever they are, without copying: for weights that a program has moved. What `to`
 * held is freed, and `from` is disposed of.
 *
 * @throws {ShapeError} Their shapes differ. @throws {DTypeError} Their dtypes differ.
 */
export function assign(to: Tensor, from: Tensor): void {
  if (!sameShape(to.shape, from.shape))
    throw new ShapeError(`assign: ${from} cannot become the elements of ${to}; give that shape`);
  if (to.dtype !== from.dtype)
    throw new DTypeError(`assign: ${from} cannot become the elements of ${to}; cast it first`);
  Tensor.assign(to, from);
}
