import {
  add,
  assign,
  compile,
  type Device,
  disposeTree,
  mapTree,
  mul,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import type { Adder } from "./gradient-sum.js";

/** Adds gradients up on a device, where the sum stays. */
export function deviceAdder(device: Device): Adder & { release(): Promise<void> } {
  const scaled = compile(
    (grads: Weights, weight: Tensor) => mapTree(grads, (g) => mul(g, weight)),
    { device, name: "first gradients", keepOnDevice: true },
  );
  const added = compile(
    (sum: Weights, grads: Weights, weight: Tensor) =>
      mapTree(sum, (x, name) => add(x, mul(grads[name] as Tensor, weight))),
    { device, name: "further gradients", keepOnDevice: true },
  );
  return {
    async begin(grads, weight, old) {
      disposeTree(old);
      const factor = tensor(weight);
      try {
        return await scaled(grads, factor);
      } finally {
        factor.dispose();
      }
    },
    async add(sum, grads, weight) {
      const factor = tensor(weight);
      try {
        const more = await added(sum, grads, factor);
        for (const [name, x] of Object.entries(sum)) assign(x, more[name] as Tensor);
      } finally {
        factor.dispose();
      }
    },
    async release() {
      await scaled.release();
      await added.release();
    },
  };
}
