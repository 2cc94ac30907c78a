import { alias, gradientTree, recomputed } from "./grad.js";
import { type Node, nextNodeId, nodeOf, type Op, operatorsFor, valueInputs } from "./graph.js";
import { lengthOf } from "./shape.js";
import { Tensor } from "./tensor.js";
import { type Tree, treeTensors } from "./tree.js";

/** A function as two programs: forwards, and back from what forwards left for it. */
export interface ForwardBackward<P, A extends unknown[]> {
  /** `residuals` are the inner values that `backward` needs and that would be expensive to compute again. */
  forward(params: P, ...rest: A): { readonly y: Tensor; readonly residuals: readonly Tensor[] };
  /**
   * The gradients of `params`, from that of y; the other arguments are those of `forward`.
   *
   * @param residuals Undefined: they are computed again.
   */
  backward(dy: Tensor, residuals: readonly Tensor[] | undefined, params: P, ...rest: A): P;
}

/**
 * `pullback` without computing the function again: `forward` returns what `backward` needs.
 *
 * Long products are residuals; what is cheap to make of them and of the arguments (norms, activations, shares of
 * attention) is made again, which takes less time and memory than to keep it.
 */
export function forwardBackward<P extends Tree, A extends unknown[]>(
  fn: (params: P, ...rest: A) => Tensor,
): ForwardBackward<P, A> {
  function trace(params: P, rest: A, given?: Tensor): { y: Tensor; grads: P; residuals: Tensor[] } {
    const own = alias("chainGradients", params);
    const y = fn(own, ...rest);
    const end = nextNodeId();
    const dy = given ?? new Tensor(y.dtype, y.shape, { kind: "input", name: "dy" });
    const grads = gradientTree(y, own, dy);
    return { y, grads, residuals: residualsOf(treeTensors(grads), end) };
  }
  return {
    forward(params, ...rest) {
      const { y, residuals } = trace(params, rest);
      return { y, residuals };
    },
    backward(dy, given, params, ...rest) {
      const { grads, residuals } = trace(params, rest, dy);
      if (!given) return grads;
      return recomputed(grads, new Map(residuals.map((x, i) => [x, given[i] as Tensor])));
    },
  };
}

/** The expensive values made before operator `end` that the operators from there on read, in the order of their making. */
function residualsOf(results: readonly Tensor[], end: number): Tensor[] {
  const read = new Set(
    operatorsFor(results, valueInputs)
      .filter((node) => node.id >= end)
      .flatMap(valueInputs),
  );
  const idOf = (x: Tensor): number => nodeOf(x)?.id ?? end;
  const residuals = new Set<Tensor>();
  const known = new Map<Tensor, boolean>();
  /** Whether a long product lies between the residuals so far and x. */
  function isExpensive(x: Tensor): boolean {
    const node = nodeOf(x);
    if (!node || residuals.has(x)) return false;
    const expensive = known.get(x) ?? (isLongProduct(node) || valueInputs(node).some(isExpensive));
    known.set(x, expensive);
    return expensive;
  }
  for (const x of [...read].sort((a, b) => idOf(a) - idOf(b)))
    if (idOf(x) < end && isExpensive(x)) residuals.add(x);
  return [...residuals];
}

/** Multiplications for an element of a product from which on it is kept: more than attention's logits take. */
const longProduct = 128;

const longOperators: ReadonlySet<Op> = new Set<Op>([
  "MatMulIntegerToFloat",
  "MatMulNBits",
  "Conv",
  "ConvTranspose",
]);

function isLongProduct({ op, inputs: [a] }: Node): boolean {
  if (op === "MatMul") return lengthOf((a as Tensor).shape, -1) >= longProduct;
  return longOperators.has(op);
}
