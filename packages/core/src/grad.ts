import { DTypeError, isFloat } from "./dtype.js";
import { gradients, onesLike } from "./gradients.js";
import { type Node, nextNodeId, operator, operatorOutputs, operatorsFor } from "./graph.js";
import { abs, add, cast, mul } from "./ops/arithmetic.js";
import { constant } from "./ops/layout.js";
import { max } from "./ops/reductions.js";
import { stopGradient, withGradient } from "./ops/rewire.js";
import { ShapeError, sameShape } from "./shape.js";
import type { Tensor } from "./tensor.js";
import { mapTree, type Tree, treeTensors } from "./tree.js";

/** The inputs that a gradient may flow to: not the value that a WithGradient stands in for. */
function differentiated(node: Node): readonly Tensor[] {
  return node.op === "WithGradient" ? node.inputs.slice(1) : node.inputs;
}

/**
 * Gradients of `y` with respect to `targets`, by one sweep backwards through the operators between them.
 *
 * @param dy The gradient of y to begin with; default ones.
 * @returns One tensor a target, or undefined where y does not depend on it.
 */
function gradientsOf(
  y: Tensor,
  targets: readonly Tensor[],
  dy: Tensor = onesLike(y),
): (Tensor | undefined)[] {
  const reaches = new Set<Tensor>(targets);
  const between = operatorsFor([y], differentiated).filter((node) => {
    const depends = differentiated(node).some((input) => reaches.has(input));
    if (depends) for (const output of node.outputs) reaches.add(output);
    return depends;
  });
  const totals = new Map<Tensor, Tensor>([[y, dy]]);
  for (const node of between.reverse()) {
    const arrived = node.outputs.map((output) => totals.get(output));
    if (arrived.every((d) => d === undefined)) continue;
    const first = node.outputs[0] as Tensor;
    const rule = gradients[node.op] as (typeof gradients)["Identity"];
    const results = rule(node as Node<"Identity">, arrived[0] ?? constant(0, first), arrived);
    node.inputs.forEach((input, i) => {
      const d = results[i];
      if (!d || !reaches.has(input)) return;
      const before = totals.get(input);
      totals.set(input, before ? add(before, d) : d);
    });
  }
  return targets.map((target) => totals.get(target));
}

/**
 * A tree of tensors as the operators inside a differentiated function see it: apart from all others.
 *
 * @param who Begins the error message.
 */
export function alias<T>(who: string, tree: T): T {
  return mapTree(tree, (x, path) => {
    if (!isFloat(x.dtype))
      throw new DTypeError(
        `${who}: ${path || "the first argument"} is ${x}, which has no gradient; give it as a further argument`,
      );
    return operator("Identity", [x], {}, x.dtype, x.shape);
  });
}

/** Gradients of `y` in the form of a tree that it was made of; what it does not depend on has one of zeros. */
export function gradientTree<P>(y: Tensor, tree: P, dy?: Tensor): P {
  const targets = treeTensors(tree);
  const found = gradientsOf(y, targets, dy);
  const byTarget = new Map(targets.map((target, i) => [target, found[i]]));
  return mapTree(tree, (x) => byTarget.get(x) ?? constant(0, x));
}

/** What `valueAndGrad` gives: the function's value and its gradient for each tensor of the first argument. */
export interface ValueAndGrad<P> {
  readonly value: Tensor;
  readonly grads: P;
}

/**
 * Makes a function that gives the value of `fn` and its gradients for the first argument, for use
 * inside `compile`.
 *
 * @param fn Returns one element, of floating point.
 * @throws {ShapeError} It returns more. @throws {DTypeError} A tensor of the first argument is not of floating point.
 */
export function valueAndGrad<P extends Tree, A extends unknown[]>(
  fn: (params: P, ...rest: A) => Tensor,
): (params: P, ...rest: A) => ValueAndGrad<P> {
  const withAux = valueAndGradWithAux((params: P, ...rest: A) => ({
    loss: fn(params, ...rest),
    aux: undefined,
  }));
  return (params, ...rest) => {
    const { value, grads } = withAux(params, ...rest);
    return { value, grads };
  };
}

/** `valueAndGrad` for a function that returns further results (`aux`) beside the loss. */
export function valueAndGradWithAux<P extends Tree, A extends unknown[], X>(
  fn: (params: P, ...rest: A) => { readonly loss: Tensor; readonly aux: X },
): (params: P, ...rest: A) => ValueAndGrad<P> & { readonly aux: X } {
  return (params, ...rest) => {
    const own = alias("valueAndGrad", params);
    const { loss, aux } = fn(own, ...rest);
    if (loss.size !== 1)
      throw new ShapeError(
        `valueAndGrad: the function gave ${loss}; return one element, e.g. sum(x)`,
      );
    if (!isFloat(loss.dtype))
      throw new DTypeError(`valueAndGrad: the function gave ${loss}; return floating point`);
    return { value: loss, aux, grads: gradientTree(loss, own) };
  };
}

/**
 * Makes a function that takes gradients of `fn`'s result back to its first argument: the product of that
 * gradient with the Jacobian, for parts of a model that are differentiated one after another.
 *
 * @param fn Returns one tensor; the gradient that is given to the made function has its shape.
 */
export function pullback<P extends Tree, A extends unknown[]>(
  fn: (params: P, ...rest: A) => Tensor,
): (dy: Tensor, params: P, ...rest: A) => P {
  return (dy, params, ...rest) => {
    const own = alias("pullback", params);
    const y = fn(own, ...rest);
    if (!sameShape(dy.shape, y.shape))
      throw new ShapeError(
        `pullback: the gradient is ${dy}, the function gave ${y}; give both one shape`,
      );
    return gradientTree(y, own, dy);
  };
}

/** Makes a function that gives the gradients of `fn` for its first argument. */
export function grad<P extends Tree, A extends unknown[]>(
  fn: (params: P, ...rest: A) => Tensor,
): (params: P, ...rest: A) => P {
  const both = valueAndGrad(fn);
  return (params, ...rest) => both(params, ...rest).grads;
}

/**
 * Makes a function whose inner values are not kept for the backward pass but computed again there:
 * less memory for about a third more time.
 *
 * @param fn Returns one tensor.
 */
export function checkpoint<A extends unknown[]>(
  fn: (...args: A) => Tensor,
): (...args: A) => Tensor {
  return (...args) => {
    const first = nextNodeId();
    const y = fn(...args);
    const inside = operatorsFor([y], (node) => (node.id >= first ? node.inputs : [])).filter(
      (node) => node.id >= first,
    );
    const made = new Set(inside.flatMap((node) => node.outputs));
    const outer = [...new Set(inside.flatMap((node) => node.inputs))].filter(
      // Constants need not wait: what is computed of them alone is the same both times.
      (x) => !made.has(x) && isFloat(x.dtype) && x.place === "program",
    );
    if (!made.has(y)) return y;
    return withGradient(y, outer, (dy) => {
      // ONNX Runtime would merge the second computation with the first, and so keep what it is to
      // forget, were its inputs not made to wait for the incoming gradient.
      const wait = mul(max(abs(stopGradient(dy))), 0);
      const waiting = new Map(outer.map((x) => [x, add(x, cast(wait, x.dtype))]));
      return gradientsOf(recomputed(y, waiting), [...waiting.values()], dy);
    });
  };
}

/** A tree of tensors, computed of other tensors in place of some. */
export function recomputed<T>(tree: T, replacements: ReadonlyMap<Tensor, Tensor>): T {
  const now = new Map(replacements);
  const between = operatorsFor(
    treeTensors(tree).filter((x) => !now.has(x)),
    (node) => node.inputs.filter((x) => !replacements.has(x)),
  );
  for (const node of between) {
    if (!node.inputs.some((x) => now.has(x))) continue;
    const inputs = node.inputs.map((x) => now.get(x) ?? x);
    const copies = operatorOutputs(node.op, inputs, node.attributes, node.outputs);
    node.outputs.forEach((output, i) => {
      if (!now.has(output)) now.set(output, copies[i] as Tensor);
    });
  }
  return mapTree(tree, (x) => now.get(x) ?? x);
}
