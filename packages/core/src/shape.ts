/** Lengths of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** A tensor's shape is not the one an operation needs. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/**
 * Number of elements in a tensor of `shape`.
 *
 * @throws {ShapeError} An axis length is negative or not whole.
 */
export function sizeOf(shape: Shape): number {
  const bad = shape.findIndex((n) => !Number.isInteger(n) || n < 0);
  if (bad >= 0)
    throw new ShapeError(`sizeOf: axis ${bad} of shape [${shape}] must be a whole number >= 0`);
  return shape.reduce((size, n) => size * n, 1);
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/**
 * The shape that `a` and `b` broadcast to, by NumPy's rule.
 *
 * @throws {ShapeError} An axis differs and neither length is 1.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const n = a[a.length - rank + i] ?? 1;
    const m = b[b.length - rank + i] ?? 1;
    if (n !== m && n !== 1 && m !== 1)
      throw new ShapeError(
        `${op}: shapes [${a}] and [${b}] do not broadcast: axis ${i - rank} is ${n} and ${m}; make them equal or one of them 1`,
      );
    return n === 1 ? m : n;
  });
}

/**
 * An axis counted from the front, `-1` being the last.
 *
 * @throws {ShapeError} There is no such axis.
 */
export function resolveAxis(op: string, axis: number, shape: Shape): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= shape.length)
    throw new ShapeError(
      `${op}: axis ${axis} of shape [${shape}] does not exist; give ${-shape.length} to ${shape.length - 1}`,
    );
  return resolved;
}

/** Length of `axis`, which must exist (`-1` is the last). */
export function lengthOf(shape: Shape, axis: number): number {
  const length = shape.at(axis);
  if (length === undefined)
    throw new ShapeError(`lengthOf: axis ${axis} of shape [${shape}] does not exist`);
  return length;
}
