import { type Shape, sizeOf, type Weights } from "@hawksbill/core";
import { CheckpointError, quoted } from "./checkpoint-error.js";

/**
 * Makes sure that weights from a file fit a model, before anything is computed with them.
 *
 * Further tensors in the file are no error.
 *
 * @param shapes The model's tensors by name.
 * @param file What the error calls the file.
 * @throws {CheckpointError} A tensor is missing or has another shape; the message says what the cause may be.
 */
export function expectShapes(
  weights: Weights,
  shapes: Readonly<Record<string, Shape>>,
  file: string,
): void {
  const wanted = Object.entries(shapes);
  const missing = wanted.map(([name]) => name).filter((name) => !Object.hasOwn(weights, name));
  const [tensor] = missing;
  if (tensor !== undefined) {
    const others =
      missing.length > 1 ? ` (and ${missing.length - 1} more of ${wanted.length})` : "";
    const problem = `is missing${others}; ${whyMissing(tensor, missing, shapes, weights)}`;
    throw new CheckpointError(file, problem, { tensor });
  }
  const wrong = wanted.filter(([name, shape]) => !same(weights[name]?.shape ?? [], shape));
  if (!wrong[0]) return;
  const [name, shape] = wrong[0];
  const got = weights[name]?.shape ?? [];
  const others = wrong.length > 1 ? ` (and ${wrong.length - 1} more tensors differ)` : "";
  throw new CheckpointError(
    file,
    `is ${list(got)}, expected ${list(shape)}${others}; ${whyOther(got, shape)}`,
    { tensor: name },
  );
}

function whyMissing(
  name: string,
  missing: readonly string[],
  shapes: Readonly<Record<string, Shape>>,
  weights: Weights,
): string {
  const names = Object.keys(weights);
  const prefixed = names.find((other) => other.endsWith(`.${name}`));
  if (prefixed !== undefined)
    return `the file has ${quoted(prefixed)}: take ${quoted(prefixed.slice(0, -name.length))} off the names`;
  const unprefixed = names.find((other) => other !== "" && name.endsWith(`.${other}`));
  if (unprefixed !== undefined)
    return `the file has ${quoted(unprefixed)}: put ${quoted(name.slice(0, -unprefixed.length))} before the names`;
  if (names.length === 0) return "the file holds no tensors at all";
  if (missing.length === Object.keys(shapes).length)
    return `it holds another kind of model, with e.g. ${quoted(names[0] as string)}`;
  return "it may be of a model with fewer layers, or only a part of one";
}

function whyOther(got: Shape, wanted: Shape): string {
  if (same(got.toReversed(), wanted)) return "it is stored transposed";
  if (got.length !== wanted.length)
    return sizeOf(got) === sizeOf(wanted)
      ? "it has as many elements, so another version may have stored it in another shape"
      : "it may be of another kind of model";
  const axes = wanted.flatMap((n, axis) => (n === got[axis] ? [] : [axis]));
  const which =
    axes.length === 1 ? `only axis ${axes[0]} differs` : `axes ${axes.join(", ")} differ`;
  return `${which}, so the model was made with other sizes (its width, layers or vocabulary): use the config that came with the file`;
}

function same(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis]);
}

function list(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
