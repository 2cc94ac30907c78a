import {
  add,
  type CompiledFunction,
  compile,
  concat,
  type Device,
  disposeTree,
  gather,
  mul,
  type Tensor,
  tensor,
} from "@hawksbill/core";
import {
  type Cache,
  type CacheSize,
  type CacheView,
  placesFor,
  type RowSource,
  unseen,
} from "./cache.js";

// B rows, U prompts, P positions of the longest prompt, H heads, d width of a head, S places.

/** What moves keys and values about on their device. No operator holds a length. */
interface Moves {
  /** Rows by their numbers. */
  readonly pick: CompiledFunction<[all: readonly Tensor[], rows: Tensor], readonly Tensor[]>;
  /** More places behind. @param zeros [B, H, places, d]. */
  readonly grow: CompiledFunction<[all: readonly Tensor[], zeros: Tensor], readonly Tensor[]>;
  /** New positions at the place where `here`, [S, 1], is 1; so far it holds 0. */
  readonly put: CompiledFunction<
    [all: readonly Tensor[], columns: readonly Tensor[], here: Tensor],
    readonly Tensor[]
  >;
}

/** Caches that never leave a device, and the programs that they share. */
export function residentCaches(device: Device): {
  create(size: CacheSize): Cache;
  release(): Promise<void>;
} {
  const options = { device, anyLength: true, keepOnDevice: true };
  const moves: Moves = {
    pick: compile((all: readonly Tensor[], rows: Tensor) => all.map((x) => gather(x, rows, 0)), {
      ...options,
      name: "cache, rows",
    }),
    grow: compile(
      (all: readonly Tensor[], zeros: Tensor) => all.map((x) => concat([x, zeros], 2)),
      { ...options, name: "cache, places" },
    ),
    put: compile(
      (all: readonly Tensor[], columns: readonly Tensor[], here: Tensor) =>
        all.map((x, i) => add(x, mul(columns[i] as Tensor, here))),
      { ...options, name: "cache, columns" },
    ),
  };
  return {
    create: (size) => new ResidentCache(size, moves),
    async release() {
      for (const move of Object.values(moves)) await move.release();
    },
  };
}

/**
 * Keys and values on a device that keeps results. Programs cannot write into their inputs there: each step makes the
 * cache anew, one product and sum an element, which a GPU does at the speed of its memory.
 */
class ResidentCache implements Cache {
  readonly #size: CacheSize;
  readonly #moves: Moves;
  /** Key and value of each layer in turn, [B, H, S, d] each. */
  #all: readonly Tensor[] = [];
  /** Which places each row sees. */
  #filled: Uint8Array[] = [];
  #places = 0;
  #next = 0;
  /** Rows of `#all` that are left, in their order; undefined where they are all. */
  #left: number[] | undefined;
  #seen: Tensor | undefined;

  constructor(size: CacheSize, moves: Moves) {
    this.#size = size;
    this.#moves = moves;
  }

  async view(): Promise<CacheView> {
    await this.#letGo();
    const [B, S] = [this.#filled.length, this.#places];
    this.#seen?.dispose();
    this.#seen = tensor(
      Float32Array.from({ length: B * S }, (_, i) =>
        this.#filled[Math.floor(i / S)]?.[i % S] ? 0 : unseen,
      ),
      { shape: [B, 1, 1, S] },
    );
    const layers = Array.from({ length: this.#size.layers }, (_, i) => ({
      key: this.#all[2 * i] as Tensor,
      value: this.#all[2 * i + 1] as Tensor,
    }));
    return { layers, seen: this.#seen };
  }

  /** Positions behind a prompt's end are kept, too, and seen by nobody. */
  async fill(read: readonly Tensor[], rows: readonly RowSource[]): Promise<void> {
    const { maxPlaces } = this.#size;
    this.#filled = rows.map(({ length }) => new Uint8Array(maxPlaces).fill(1, 0, length));
    this.#places = read[0]?.shape[2] ?? 0;
    this.#next = this.#places;
    await this.#pick(
      read,
      Int32Array.from(rows, ({ prompt }) => prompt),
    );
  }

  async write(columns: readonly Tensor[]): Promise<void> {
    await this.#grow(this.#next + 1);
    const place = this.#next++;
    const here = new Float32Array(this.#places);
    here[place] = 1;
    await this.#remake(tensor(here, { shape: [this.#places, 1] }), (at) =>
      this.#moves.put(this.#all, columns, at),
    );
    for (const row of this.#filled) row[place] = 1;
  }

  drop(row: number): void {
    this.#left ??= this.#filled.map((_, i) => i);
    for (const rows of [this.#left, this.#filled] as unknown[][]) {
      const last = rows.pop();
      if (row < rows.length) rows[row] = last;
    }
  }

  dispose(): void {
    this.#replace([]);
    this.#seen?.dispose();
    this.#seen = undefined;
  }

  /** Makes room for so many places. */
  async #grow(needed: number): Promise<void> {
    const { heads, width, maxPlaces } = this.#size;
    if (needed <= this.#places) return;
    const places = placesFor(needed, maxPlaces);
    const shape = [this.#filled.length, heads, places - this.#places, width];
    const zeros = new Float32Array(shape.reduce((product, n) => product * n));
    await this.#remake(tensor(zeros, { shape }), (more) => this.#moves.grow(this.#all, more));
    this.#places = places;
  }

  /** Frees the rows that were dropped since the last step. */
  async #letGo(): Promise<void> {
    const left = this.#left;
    this.#left = undefined;
    if (left) await this.#pick(this.#all, Int32Array.from(left));
  }

  #pick(all: readonly Tensor[], numbers: Int32Array): Promise<void> {
    return this.#remake(tensor(numbers), (rows) => this.#moves.pick(all, rows));
  }

  /** The cache becomes what a move makes of it and of a tensor that nobody needs afterwards. */
  async #remake(given: Tensor, move: (given: Tensor) => Promise<readonly Tensor[]>): Promise<void> {
    try {
      this.#replace(await move(given));
    } finally {
      given.dispose();
    }
  }

  #replace(all: readonly Tensor[]): void {
    disposeTree(this.#all);
    this.#all = all;
  }
}
