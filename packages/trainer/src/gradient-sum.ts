import { disposeTree, mapTree, type Weights, zeros } from "@hawksbill/core";
import { hostFloats } from "./host-weights.js";

/** Adds gradients up where they are. */
export interface Adder {
  /** A new sum of `weight` times the gradients; `old` is not needed any more. */
  begin(grads: Weights, weight: number, old: Weights | undefined): Weights | Promise<Weights>;
  /** Adds `weight` times the gradients to a sum. */
  add(sum: Weights, grads: Weights, weight: number): void | Promise<void>;
}

/** Gradients of several batches, added up for one step. */
export class GradientSum {
  readonly #adder: Adder;
  #sum: Weights | undefined;
  #weight = 0;

  constructor(adder: Adder = hostAdder) {
    this.#adder = adder;
  }

  /** Adds `weight` times the gradients; they can be freed then. */
  async add(grads: Weights, weight: number): Promise<void> {
    if (this.#sum && this.#weight > 0) await this.#adder.add(this.#sum, grads, weight);
    else this.#sum = await this.#adder.begin(grads, weight, this.#sum);
    this.#weight += weight;
  }

  /** What was added since `reset`: to be multiplied by `scale` it is the weighted mean. */
  get total(): { readonly grads: Weights; readonly scale: number } {
    return { grads: this.#sum ?? {}, scale: 1 / this.#weight };
  }

  reset(): void {
    this.#weight = 0;
  }

  dispose(): void {
    disposeTree(this.#sum);
    this.#sum = undefined;
  }
}

/** On the host, in arrays that are used again for every step. */
const hostAdder: Adder = {
  begin(grads, weight, old) {
    const sum = old ?? mapTree(grads, (x) => zeros(x.shape));
    eachPair(sum, grads, (s, g) => {
      for (let i = 0; i < s.length; i++) s[i] = weight * (g[i] as number);
    });
    return sum;
  },
  add(sum, grads, weight) {
    eachPair(sum, grads, (s, g) => {
      for (let i = 0; i < s.length; i++) s[i] = (s[i] as number) + weight * (g[i] as number);
    });
  },
};

function eachPair(
  sum: Weights,
  grads: Weights,
  visit: (s: Float32Array, g: Float32Array) => void,
): void {
  for (const name of Object.keys(grads))
    visit(hostFloats("GradientSum:", sum, name), hostFloats("GradientSum: gradient", grads, name));
}
