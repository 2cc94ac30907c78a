import { disposeTree, type Tensor, tensor } from "@hawksbill/core";

// B rows, L layers, H heads, d width of a head, S places, of which each position takes one.

/** Keys and values of one block at all places of the cache, [B, H, S, d] each. */
export interface LayerCache {
  readonly key: Tensor;
  readonly value: Tensor;
}

export interface CacheSize {
  readonly layers: number;
  readonly batch: number;
  readonly heads: number;
  /** Of a head. */
  readonly width: number;
  /** That there will ever be. */
  readonly maxPlaces: number;
}

/** What a step reads. */
export interface CacheView {
  readonly layers: readonly LayerCache[];
  /** Added to the logits of each place. */
  readonly seen: Tensor; // [B, 1, 1, S]
}

/** Which of the prompts that were read a row is of, and how many positions that has. */
export interface RowSource {
  readonly prompt: number;
  readonly length: number;
}

/** Keys and values of all blocks, and which places hold any: in this machine's memory (`HostCache`) or on a device. */
export interface Cache {
  view(): CacheView | Promise<CacheView>;
  /** Puts prompts into the first places of the rows. @param read Keys and values of all positions, as `extend` gives them. */
  fill(read: readonly Tensor[], rows: readonly RowSource[]): void | Promise<void>;
  /** Puts a step's keys and values, one position a row, at the next place. */
  write(columns: readonly Tensor[]): void | Promise<void>;
  /** Lets go of a row; the last one takes its number. */
  drop(row: number): void;
  dispose(): void;
}

/** Added to the logits of what must not be seen: far below any logit. */
export const unseen = -3e4;

/** Places are added so many at a time. More are read in vain by each step, fewer are copied to new ones more often. */
const growth = 64;

/** How many places there are for so many that are taken. */
export function placesFor(taken: number, maxPlaces: number): number {
  return Math.min(maxPlaces, Math.ceil(taken / growth) * growth);
}

/**
 * Keys and values in this machine's memory.
 *
 * It holds as many places as are filled, rounded up: each step reads all of it. Its arrays have room for all places
 * from the start, so that rows move within them and nothing is allocated anew.
 */
export class HostCache implements Cache {
  readonly #size: CacheSize;
  /** Key and value of each layer in turn. */
  readonly #arrays: readonly Float32Array[];
  /** 1 where a place holds something for a row, [B, maxPlaces]. */
  readonly #filled: Uint8Array;
  #batch: number;
  #places = 0;
  /** The place that is written next. */
  #next = 0;
  #tensors: CacheView | undefined;

  constructor(size: CacheSize) {
    const { layers, batch, heads, width, maxPlaces } = size;
    this.#size = size;
    this.#batch = batch;
    this.#arrays = Array.from(
      { length: 2 * layers },
      () => new Float32Array(batch * heads * maxPlaces * width),
    );
    this.#filled = new Uint8Array(batch * maxPlaces);
  }

  view(): CacheView {
    this.#tensors ??= this.#view();
    return this.#tensors;
  }

  fill([read]: readonly Tensor[], rows: readonly RowSource[]): void {
    for (const [row, source] of rows.entries()) this.#fillRow(row, read as Tensor, source);
    this.#next = Math.max(...rows.map(({ length }) => length));
  }

  /** @param prefill [2 L · U, H, P, d]. */
  #fillRow(row: number, prefill: Tensor, { prompt: from, length }: RowSource): void {
    const { heads, width, layers } = this.#size;
    const [rows = 1, , P = 1] = prefill.shape;
    const U = rows / (2 * layers);
    const data = prefill.dataSync() as Float32Array;
    this.#grow(length);
    this.#arrays.forEach((array, i) => {
      for (let h = 0; h < heads; h++) {
        const start = ((i * U + from) * heads + h) * P * width;
        const to = (row * heads + h) * this.#places * width;
        array.set(data.subarray(start, start + length * width), to);
      }
    });
    for (let place = 0; place < length; place++) this.#see(row, place);
  }

  /** @param columns One tensor, [2 L · B, H, 1, d]. */
  write([columns]: readonly Tensor[]): void {
    const { heads, width } = this.#size;
    const place = this.#next++;
    const data = (columns as Tensor).dataSync() as Float32Array;
    this.#grow(place + 1);
    const count = this.#batch * heads;
    const places = this.#places;
    this.#arrays.forEach((array, i) => {
      for (let r = 0; r < count; r++) {
        const from = (i * count + r) * width;
        const to = (r * places + place) * width;
        // Loops copy such short stretches faster than `set` does.
        for (let c = 0; c < width; c++) array[to + c] = data[from + c] as number;
      }
    });
    for (let row = 0; row < this.#batch; row++) this.#see(row, place);
  }

  drop(row: number): void {
    const { heads, width, maxPlaces } = this.#size;
    const last = --this.#batch;
    const move = <T extends Float32Array | Uint8Array>(array: T, length: number): unknown =>
      array.copyWithin(row * length, last * length, (last + 1) * length);
    for (const array of this.#arrays) move(array, heads * this.#places * width);
    move(this.#filled, maxPlaces);
    this.#forget();
  }

  dispose(): void {
    this.#forget();
  }

  /** Makes room for so many places. */
  #grow(needed: number): void {
    if (needed <= this.#places) return;
    const { heads, width, maxPlaces } = this.#size;
    const before = this.#places * width;
    this.#places = placesFor(needed, maxPlaces);
    const after = this.#places * width;
    for (const array of this.#arrays)
      for (let r = this.#batch * heads - 1; r > 0; r--)
        array.copyWithin(r * after, r * before, (r + 1) * before);
    this.#forget();
  }

  #see(row: number, place: number): void {
    this.#filled[row * this.#size.maxPlaces + place] = 1;
    const seen = this.#tensors?.seen.dataSync() as Float32Array | undefined;
    if (seen) seen[row * this.#places + place] = 0;
  }

  #view(): CacheView {
    const { heads, width, maxPlaces } = this.#size;
    const [B, S] = [this.#batch, this.#places];
    const shape = [B, heads, S, width];
    const of = (i: number): Tensor =>
      tensor((this.#arrays[i] as Float32Array).subarray(0, B * heads * S * width), { shape });
    const seen = Float32Array.from({ length: B * S }, (_, i) =>
      this.#filled[Math.floor(i / S) * maxPlaces + (i % S)] ? 0 : unseen,
    );
    return {
      layers: Array.from({ length: this.#size.layers }, (_, i) => ({
        key: of(2 * i),
        value: of(2 * i + 1),
      })),
      seen: tensor(seen, { shape: [B, 1, 1, S] }),
    };
  }

  #forget(): void {
    disposeTree(this.#tensors ?? []);
    this.#tensors = undefined;
  }
}
