import { disposeTree, type Tensor, tensor } from "@hawksbill/core";

// B rows, L layers, H heads, d width of a head, S places, of which each position takes one.

/** Keys and values of one block at all places of the cache, [B, H, S, d] each. */
export interface LayerCache {
  readonly key: Tensor;
  readonly value: Tensor;
}

interface CacheSize {
  readonly layers: number;
  readonly batch: number;
  readonly heads: number;
  /** Of a head. */
  readonly width: number;
  /** That there will ever be. */
  readonly maxPlaces: number;
}

/** Added to the logits of what must not be seen: far below any logit. */
export const unseen = -3e4;

/** Places are added so many at a time. More are read in vain by each step, fewer are copied to new ones more often. */
const growth = 64;

/**
 * Keys and values of all blocks, and which places hold any.
 *
 * It holds as many places as are filled, rounded up: each step reads all of it. Its arrays have room for all places
 * from the start, so that rows move within them and nothing is allocated anew.
 */
export class Cache {
  readonly #size: CacheSize;
  /** Key and value of each layer in turn. */
  readonly #arrays: readonly Float32Array[];
  /** 1 where a place holds something for a row, [B, maxPlaces]. */
  readonly #filled: Uint8Array;
  #batch: number;
  #places = 0;
  #tensors: { readonly layers: readonly LayerCache[]; readonly seen: Tensor } | undefined;

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

  /** What a step reads: all layers, and `seen`, [B, 1, 1, S], which is added to logits. */
  tensors(): { readonly layers: readonly LayerCache[]; readonly seen: Tensor } {
    this.#tensors ??= this.#view();
    return this.#tensors;
  }

  /** Puts the first `length` positions of row `from` of a prefill, [2 L · U, H, P, d], into the first places of a row. */
  fill(row: number, prefill: Tensor, from: number, length: number): void {
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

  /** Puts a step's columns, [2 L · B, H, 1, d], at a place. */
  write(place: number, columns: Tensor): void {
    const { heads, width } = this.#size;
    const data = columns.dataSync() as Float32Array;
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

  /** Lets go of a row; the last one takes its number. */
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
    this.#places = Math.min(maxPlaces, Math.ceil(needed / growth) * growth);
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

  #view(): { readonly layers: readonly LayerCache[]; readonly seen: Tensor } {
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
