import type { Shape, Weights } from "@hawksbill/core";
import { CheckpointError } from "../checkpoint-error.js";
import { type ModelKindName, modelKinds } from "./kinds/index.js";
import type { ModelKind } from "./model-kind.js";
import { ModelMatch } from "./model-match.js";
import { lengthAt, type Sizes } from "./tensor-spec.js";

/**
 * Names and shapes of all tensors that a model of given sizes has.
 *
 * @param sizes By the names that `inspect` gives them; further ones are passed over.
 * @throws {RangeError} A size is missing, or makes a length that no tensor can have.
 */
export function modelShapes(kind: ModelKindName, sizes: object): Record<string, Shape> {
  const model: ModelKind = modelKinds[kind];
  const known = sizes as Sizes;
  const shapes: Record<string, Shape> = {};
  for (const { name, shape, optional } of model.tensors(known)) {
    if (optional !== undefined) continue;
    const lengths = shape.map((length) => lengthAt(length, known));
    if (!lengths.every((n) => Number.isInteger(n) && n >= 1))
      throw new RangeError(
        `modelShapes: ${name} of a ${model.title} would be [${lengths.join(", ")}]; give whole sizes, all of them`,
      );
    shapes[name] = lengths;
  }
  return shapes;
}

/**
 * The sizes of a model from the names and shapes of its weights, all of which are checked. Further tensors
 * are no error.
 *
 * @param names Which sizes.
 * @param file What errors call the weights.
 * @throws {CheckpointError} A tensor is missing, or has another shape than the others ask for.
 */
export function modelSizes<Size extends string>(
  kind: ModelKindName,
  weights: Weights,
  names: readonly Size[],
  file: string,
): Record<Size, number> {
  const shapes = Object.entries(weights).map(([name, { shape }]): [string, Shape] => [name, shape]);
  const match = new ModelMatch(modelKinds[kind], "", new Map(shapes));
  const { sizes, missing, misshapen } = match.examine();
  const others = missing.length + misshapen.length - 1;
  const more = others > 0 ? ` (and ${others} more tensors are missing or differ)` : "";
  const [absent] = missing;
  if (absent && match.found.length === 0)
    throw new CheckpointError(file, `is missing; give the weights of a ${match.kind.title}`, {
      tensor: absent.tensor,
    });
  const [wrong] = misshapen;
  if (wrong)
    throw new CheckpointError(
      file,
      `is [${wrong.shape.join(", ")}], expected [${wrong.expected.join(", ")}]${more}; ${wrong.cause}`,
      { tensor: wrong.tensor },
    );
  if (absent)
    throw new CheckpointError(file, `is missing${more}; ${absent.cause}`, {
      tensor: absent.tensor,
    });
  const asked = names.map((name) => [name, sizes[name]]);
  return Object.fromEntries(asked) as Record<Size, number>; // Whole models tell every size.
}
