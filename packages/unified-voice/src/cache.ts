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
  readonly places: number;
  /** Of a head. */
  readonly width: number;
}

/** Keys and values of all blocks, and which places hold any. */
export class Cache {
  readonly layers: readonly LayerCache[];
  /** bool [B, 1, 1, S + 1]: a step sees the places that are filled, and itself. */
  readonly mask: Tensor;
  readonly #size: CacheSize;

  constructor(size: CacheSize) {
    const { layers, batch, heads, places, width } = size;
    const shape = [batch, heads, places, width];
    const empty = (): Tensor => tensor(new Float32Array(batch * heads * places * width), { shape });
    this.#size = size;
    this.layers = Array.from({ length: layers }, () => ({ key: empty(), value: empty() }));
    const mask = new Uint8Array(batch * (places + 1));
    for (let b = 1; b <= batch; b++) mask[b * (places + 1) - 1] = 1;
    this.mask = tensor(mask, { shape: [batch, 1, 1, places + 1], dtype: "bool" });
  }

  /** Copies the first `length` positions of row `from` of a prefill, [L, 2, U, H, P, d]. */
  fill(row: number, prefill: Tensor, from: number, length: number): void {
    const { heads, places, width } = this.#size;
    const [, , U = 1, , P = 1] = prefill.shape;
    const data = prefill.dataSync() as Float32Array;
    this.#arrays().forEach((array, i) => {
      for (let h = 0; h < heads; h++) {
        const start = ((i * U + from) * heads + h) * P * width;
        const to = (row * heads + h) * places * width;
        array.set(data.subarray(start, start + length * width), to);
      }
    });
    this.#seen().fill(1, row * (places + 1), row * (places + 1) + length);
  }

  /** Puts a step's columns [L, 2, B, H, d] at a place. */
  write(place: number, columns: Tensor): void {
    const { batch, heads, places, width } = this.#size;
    const data = columns.dataSync() as Float32Array;
    this.#arrays().forEach((array, i) => {
      for (let bh = 0; bh < batch * heads; bh++) {
        const start = (i * batch * heads + bh) * width;
        array.set(data.subarray(start, start + width), (bh * places + place) * width);
      }
    });
    for (let b = 0; b < batch; b++) this.#seen()[b * (places + 1) + place] = 1;
  }

  dispose(): void {
    disposeTree([this.mask, this.layers.map(({ key, value }) => [key, value])]);
  }

  /** Key and value of each layer in turn. */
  #arrays(): Float32Array[] {
    return this.layers.flatMap(({ key, value }) =>
      [key, value].map((x) => x.dataSync() as Float32Array),
    );
  }

  #seen(): Uint8Array {
    return this.mask.dataSync() as Uint8Array;
  }
}
