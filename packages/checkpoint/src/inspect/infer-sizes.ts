import type { Shape } from "@hawksbill/core";
import type { Sizes, TensorSpec } from "./tensor-spec.js";

/** How many axes say that a size is so and so much. */
export type Votes = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** What each axis of a file's tensors says of the size that it is a multiple of. */
export function votes(
  specs: Iterable<TensorSpec>,
  shapeOf: (name: string) => Shape | undefined,
): Votes {
  const all = new Map<string, Map<number, number>>();
  for (const { name, shape } of specs) {
    const got = shapeOf(name);
    if (got?.length !== shape.length) continue;
    for (const [axis, length] of shape.entries()) {
      if (typeof length !== "object") continue;
      const value = ((got[axis] as number) - length.plus) / length.times;
      if (!Number.isInteger(value) || value < 1) continue;
      const counts = all.get(length.size) ?? new Map<number, number>();
      all.set(length.size, counts.set(value, (counts.get(value) ?? 0) + 1));
    }
  }
  return all;
}

/** The sizes that most axes say; so one wrong tensor, whichever it is, does not make all others wrong. */
export function inferSizes(votes: Votes): Sizes {
  const sizes: Record<string, number> = {};
  for (const [size, counts] of votes) {
    const [most] = [...counts].sort(([, a], [, b]) => b - a); // The first of equals stays first.
    if (most) sizes[size] = most[0];
  }
  return sizes;
}
