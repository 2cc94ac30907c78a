import { literal } from "../create-tensor.js";
import { DTypeError } from "../dtype.js";
import { operator, operatorOutputs } from "../graph.js";
import { lengthOf, resolveAxis, type Shape, ShapeError, sameShape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { cast } from "./arithmetic.js";

/** @throws {DTypeError} Indices are not whole numbers. */
function requireIndex(op: string, indices: Tensor): void {
  if (indices.dtype !== "int32" && indices.dtype !== "int64")
    throw new DTypeError(
      `${op}: indices are ${indices}; give int32 (or int64), e.g. cast(x, "int32")`,
    );
}

/**
 * Slices of `x` along an axis, chosen by index (0 to length - 1).
 *
 * @returns Shape of `x` with the axis replaced by the shape of `indices`.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  requireIndex("gather", indices);
  const i = resolveAxis("gather", axis, x.shape);
  const shape = [...x.shape.slice(0, i), ...indices.shape, ...x.shape.slice(i + 1)];
  return operator("Gather", [x, indices], { axis: i }, x.dtype, shape);
}

/** Rows of a table by id: `[...ids, dim]`. @param table [vocabulary, dim]. */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  return gather(table, ids, 0);
}

/**
 * One element of an axis for each index: `out[i][j] = x[i][indices[i][j]]` for axis 1.
 *
 * @param indices As many axes as `x`, the same lengths but along `axis`.
 */
export function takeAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  requireIndex("takeAlong", indices);
  const i = resolveAxis("takeAlong", axis, x.shape);
  requireBeside("takeAlong", x.shape, indices.shape, i);
  return operator("GatherElements", [x, indices], { axis: i }, x.dtype, indices.shape);
}

/**
 * `x` with updates added at indices along an axis: `x[i][indices[i][j]] += updates[i][j]` for axis 1.
 * The opposite of `takeAlong`; an index that occurs twice receives both updates.
 */
export function scatterAdd(x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  requireIndex("scatterAdd", indices);
  const i = resolveAxis("scatterAdd", axis, x.shape);
  requireBeside("scatterAdd", x.shape, indices.shape, i);
  if (!sameShape(indices.shape, updates.shape))
    throw new ShapeError(
      `scatterAdd: indices [${indices.shape}] and updates [${updates.shape}] must have one shape`,
    );
  if (updates.dtype !== x.dtype)
    throw new DTypeError(`scatterAdd: ${x} cannot take updates ${updates}; cast them`);
  if (x.dtype === "float16") {
    // No CPU has it in float16; the sums are better in float32 too.
    const [wide, added] = [cast(x, "float32"), cast(updates, "float32")];
    return cast(scatterAdd(wide, indices, added, axis), "float16");
  }
  return operator("ScatterElements", [x, indices, updates], { axis: i }, x.dtype, x.shape);
}

function requireBeside(op: string, x: Shape, indices: Shape, axis: number): void {
  if (!sameShape(x.toSpliced(axis, 1), indices.toSpliced(axis, 1)))
    throw new ShapeError(
      `${op}: shapes [${x}] and [${indices}] differ beside axis ${axis}; expand the indices first`,
    );
}

/** The k largest elements of the last axis, largest first, and where they were (int32). */
export function topK(x: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const axis = resolveAxis("topK", -1, x.shape);
  if (!Number.isInteger(k) || k < 1 || k > lengthOf(x.shape, axis))
    throw new ShapeError(
      `topK: k is ${k}; the last axis of [${x.shape}] allows 1 to ${x.shape[axis]}`,
    );
  const shape = x.shape.with(axis, k);
  const [values, found] = operatorOutputs("TopK", [x], { axis, k }, [
    { dtype: x.dtype, shape },
    { dtype: "int64", shape },
  ]) as [Tensor, Tensor];
  return { values, indices: operator("Cast", [found], { to: "int32" }, "int32", shape) };
}

/** 0, 1, …, length - 1 as a constant of the program. */
export function iota(length: number): Tensor {
  return literal(Int32Array.from({ length }, (_, i) => i));
}
