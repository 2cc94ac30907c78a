import { instantiate } from "./filters.wasm.js";

/** Filters that each read a group of samples from another place on. */
export interface Filters {
  /** A multiple of 4. */
  readonly tapCount: number;
  /** The first sample that each filter touches, seen from the start of its group; in rising order. */
  readonly starts: Int32Array;
  /** [filters, taps] */
  readonly weights: Float32Array;
}

/** What kernels/filters.ts exports. */
interface Kernel extends Readonly<Record<ArrayName, { readonly value: number }>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  layOut(filterCount: number, tapCount: number, sampleCount: number, groupCount: number): void;
  filter(filterCount: number, tapCount: number, groupSize: number, groupCount: number): void;
}

type ArrayName = "starts" | "weights" | "samples" | "sums";

/** Numbers of an array that lies in the processor's cache while it is used. */
const blockLength = 2 ** 14;

let kernel: Kernel | undefined;

/**
 * Applies filters to each group of samples, in WebAssembly, a block of groups and filters at a time.
 *
 * @param options.groupSize Samples from one group to the next.
 * @param options.to To be filled, [groups, filters]; its last group may be cut short.
 */
export function applyFilters(
  { tapCount, starts, weights }: Filters,
  samples: Float32Array,
  { groupSize, to }: { readonly groupSize: number; readonly to: Float32Array },
): void {
  kernel ??= instantiate() as Kernel;
  const all = starts.length;
  const filters = Math.min(all, Math.ceil(blockLength / tapCount));
  const groups = 4 * Math.ceil(blockLength / (4 * Math.max(groupSize, filters)));
  for (let first = 0; first < all; first += filters) {
    const count = Math.min(filters, all - first);
    const own = starts.subarray(first, first + count);
    const [start, last] = [own[0] as number, own[count - 1] as number];
    const sampleCount = (groups - 1) * groupSize + last - start + tapCount;
    kernel.layOut(count, tapCount, sampleCount, groups);
    const { buffer } = kernel.memory;
    const block = new Float32Array(buffer, kernel.samples.value, sampleCount);
    const sums = new Float32Array(buffer, kernel.sums.value, groups * count);
    new Int32Array(buffer, kernel.starts.value, count).set(own.map((at) => at - start));
    new Float32Array(buffer, kernel.weights.value, count * tapCount).set(
      weights.subarray(first * tapCount, (first + count) * tapCount),
    );
    for (let group = 0; group * all + first < to.length; group += groups) {
      copyPart(samples, group * groupSize + start, block);
      kernel.filter(count, tapCount, groupSize, groups);
      // All filters in one block: what they give lies in a row.
      if (count === all) to.set(sums.subarray(0, to.length - group * all), group * all);
      else placeRows(sums, count, { to, at: group * all + first, step: all });
    }
  }
}

/** Rows to places that are further apart than they are long. */
function placeRows(
  rows: Float32Array,
  width: number,
  { to, at, step }: { readonly to: Float32Array; readonly at: number; readonly step: number },
): void {
  for (let i = 0; i * width < rows.length; i++) {
    const place = at + i * step;
    if (place < to.length)
      to.set(rows.subarray(i * width, i * width + Math.min(width, to.length - place)), place);
  }
}

/** Copies samples from `start` on; outside of them is silence. */
function copyPart(samples: Float32Array, start: number, to: Float32Array): void {
  const inside = samples.subarray(Math.max(0, start), Math.max(0, start + to.length));
  to.fill(0);
  to.set(inside, Math.max(0, -start));
}
