import { type Shape, sizeOf } from "@hawksbill/core";
import { quoted } from "../checkpoint-error.js";
import type { ExpectedShape } from "./compare.js";
import type { Votes } from "./infer-sizes.js";
import type { TensorSpec } from "./tensor-spec.js";

/** What likely happened to a tensor of a wrong shape. */
export function misshapenCause(
  shape: Shape,
  expected: ExpectedShape,
  { shape: lengths }: TensorSpec,
  votes: Votes,
): string {
  if (same(shape.toReversed(), expected)) return "it is stored transposed";
  const isKnown = expected.every((length) => typeof length === "number");
  if (shape.length !== expected.length)
    return isKnown && sizeOf(shape) === sizeOf(expected as Shape)
      ? "it has as many elements: another version stored it in another form"
      : "it may be of another kind of model";
  const reasons = lengths.flatMap((length, axis) => {
    const got = shape[axis] as number;
    if (got === expected[axis]) return [];
    if (typeof length !== "object")
      return [`axis ${axis} is ${expected[axis]} in every model of this kind`];
    const value = (got - length.plus) / length.times;
    const others = votes.get(length.size);
    const most = Math.max(0, ...(others?.values() ?? []));
    const wanted = [...(others ?? [])].find(([, count]) => count === most)?.[0];
    return Number.isInteger(value) && value >= 1
      ? [`it is of a model with ${length.size} ${value}, where other tensors say ${wanted}`]
      : [`axis ${axis} does not follow from ${length.size}, which other tensors say is ${wanted}`];
  });
  return [...new Set(reasons)].join("; ");
}

/** Says of missing tensors what likely happened. */
export function missingCause(
  specs: readonly TensorSpec[],
  shapes: ReadonlyMap<string, Shape>,
): (name: string, expected: ExpectedShape) => string {
  const wanted = new Set(specs.map(({ name }) => name));
  const layers = new Set([...shapes.keys()].map(layerOf));
  // Tensors of no use so far, by what a renaming would leave as it is.
  const others = new Map<string, string>();
  for (const [name, shape] of shapes)
    if (!wanted.has(name)) others.set(`${tailOf(name)} ${shape}`, name);
  return (name, expected) => {
    const renamed = others.get(`${tailOf(name)} ${expected}`);
    if (renamed !== undefined) return `it may be what the file calls ${quoted(renamed)}`;
    const part = layerOf(name);
    return layers.has(part)
      ? `the file has other tensors of ${quoted(part)}: it was left out when the file was written or edited`
      : `nothing of ${quoted(part)} is in the file: it may be one part of several, or that was not saved`;
  };
}

/** The last two parts of a name, e.g. "c_attn.weight". */
function tailOf(name: string): string {
  return name.split(".").slice(-2).join(".");
}

/** The module that a tensor is a parameter of, e.g. "gpt.h.3" of "gpt.h.3.attn.c_attn.weight". */
function layerOf(name: string): string {
  const numbered = /^.*?\.\d+(?=\.)/.exec(name)?.[0];
  return numbered ?? name.replace(/\.[^.]*$/, "");
}

function same(a: Shape, b: ExpectedShape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}
