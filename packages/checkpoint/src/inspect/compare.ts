import type { Shape } from "@hawksbill/core";
import { misshapenCause, missingCause } from "./causes.js";
import type { Votes } from "./infer-sizes.js";
import { type Length, lengthAt, type Sizes, type TensorSpec } from "./tensor-spec.js";

/** An expected shape; an axis is in words where no tensor tells its size, e.g. `"maxTextTokens + 2"`. */
export type ExpectedShape = readonly (number | string)[];

/** A tensor that the model needs and the file lacks. */
export interface MissingTensor {
  readonly tensor: string;
  readonly expected: ExpectedShape;
  /** What likely happened. */
  readonly cause: string;
}

/** A tensor of another shape than the rest of the file asks for. */
export interface MisshapenTensor {
  readonly tensor: string;
  readonly shape: Shape;
  readonly expected: ExpectedShape;
  /** What likely happened. */
  readonly cause: string;
}

/** Holds tensors against those that a model has. */
export function compare(
  specs: readonly TensorSpec[],
  shapes: ReadonlyMap<string, Shape>,
  sizes: Sizes,
  votes: Votes,
): { missing: MissingTensor[]; misshapen: MisshapenTensor[] } {
  const missing: MissingTensor[] = [];
  const misshapen: MisshapenTensor[] = [];
  const why = missingCause(specs, shapes);
  for (const spec of specs) {
    const shape = shapes.get(spec.name);
    const expected = spec.shape.map((length) => lengthText(length, sizes));
    if (!shape) {
      if (spec.optional === undefined)
        missing.push({ tensor: spec.name, expected, cause: why(spec.name, expected) });
    } else if (!fits(shape, expected))
      misshapen.push({
        tensor: spec.name,
        shape,
        expected,
        cause: misshapenCause(shape, expected, spec, votes),
      });
  }
  return { missing, misshapen };
}

function fits(shape: Shape, expected: ExpectedShape): boolean {
  return (
    shape.length === expected.length && expected.every((length, axis) => length === shape[axis])
  );
}

function lengthText(length: Length, sizes: Sizes): number | string {
  const value = lengthAt(length, sizes);
  if (Number.isFinite(value)) return value;
  if (typeof length !== "object") return "?";
  const multiple = length.times === 1 ? length.size : `${length.times} · ${length.size}`;
  return length.plus === 0 ? multiple : `${multiple} + ${length.plus}`;
}
