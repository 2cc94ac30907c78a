import { disposeTree, mapTree, type Weights, zeros } from "@hawksbill/core";
import { hostFloats } from "./host-weights.js";

/** Gradients of several batches, added up in arrays that are used again for every step. */
export class GradientSum {
  #sum: Weights | undefined;
  #weight = 0;

  /** Adds `weight` times the gradients; they can be freed then. */
  add(grads: Weights, weight: number): void {
    this.#sum ??= mapTree(grads, (x) => zeros(x.shape));
    for (const name of Object.keys(grads)) {
      const sum = hostFloats("GradientSum:", this.#sum, name);
      const grad = hostFloats("GradientSum: gradient", grads, name);
      if (this.#weight === 0)
        for (let i = 0; i < sum.length; i++) sum[i] = weight * (grad[i] as number);
      else
        for (let i = 0; i < sum.length; i++)
          sum[i] = (sum[i] as number) + weight * (grad[i] as number);
    }
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
