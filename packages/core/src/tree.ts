import { Tensor } from "./tensor.js";

/** Tensors in plain objects and arrays, nested; other leaves (numbers, strings, …) are settings. */
export type Tree =
  | Tensor
  | number
  | string
  | boolean
  | null
  | undefined
  | readonly Tree[]
  | { readonly [name: string]: Tree };

/** A model's tensors by their PyTorch state-dict names, e.g. `"gpt.h.0.ln_1.weight"`. */
export type Weights = Readonly<Record<string, Tensor>>;

/**
 * A tree of the same form with each tensor replaced.
 *
 * @param replace Also gets the names and indices on the way to the tensor, joined by dots.
 * @throws {TypeError} The tree holds something else than plain objects, arrays and settings.
 */
export function mapTree<T>(
  tree: T,
  replace: (tensor: Tensor, path: string) => unknown,
  path = "",
): T {
  const inner = (name: string | number): string => (path ? `${path}.${name}` : `${name}`);
  if (tree instanceof Tensor) return replace(tree, path) as T;
  if (Array.isArray(tree)) return tree.map((item, i) => mapTree(item, replace, inner(i))) as T;
  if (tree !== null && typeof tree === "object" && isPlain(tree))
    return Object.fromEntries(
      Object.entries(tree).map(([name, item]) => [name, mapTree(item, replace, inner(name))]),
    ) as T;
  if (tree === null || ["number", "string", "boolean", "undefined"].includes(typeof tree))
    return tree;
  throw new TypeError(
    `tree: ${path || "it"} is ${describe(tree)}; give tensors, numbers, strings, or plain objects and arrays of them`,
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null
    ? `a ${value.constructor?.name ?? "object"}`
    : `a ${typeof value}`;
}

/** The tensors of a tree, in order. */
export function treeTensors(tree: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapTree(tree, (x) => {
    found.push(x);
    return x;
  });
  return found;
}

/** Disposes of every tensor of a tree. */
export function disposeTree(tree: unknown): void {
  for (const x of treeTensors(tree)) x.dispose();
}

/** The weights of one part of a model: those below `prefix`, without it. */
export function subtree(weights: Weights, prefix: string): Weights {
  const start = `${prefix}.`;
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, x]) =>
      name.startsWith(start) ? [[name.slice(start.length), x]] : [],
    ),
  );
}
