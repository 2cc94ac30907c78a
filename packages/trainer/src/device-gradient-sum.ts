import {
  add,
  assign,
  type CompiledFunction,
  compile,
  type Device,
  disposeTree,
  mapTree,
  mul,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";

/** Gradients of several batches, added up on a device. */
export class DeviceGradientSum {
  readonly #scaled: CompiledFunction<[Weights, Tensor], Weights>;
  readonly #added: CompiledFunction<[Weights, Weights, Tensor], Weights>;
  #sum: Weights | undefined;
  #weight = 0;

  constructor(device: Device) {
    this.#scaled = compile((grads, weight) => mapTree(grads, (g) => mul(g, weight)), {
      device,
      name: "first gradients",
      keepOnDevice: true,
    });
    this.#added = compile(
      (sum, grads, weight) => mapTree(sum, (x, name) => add(x, mul(grads[name] as Tensor, weight))),
      { device, name: "further gradients", keepOnDevice: true },
    );
  }

  /** Adds `weight` times the gradients; they can be freed then. */
  async add(grads: Weights, weight: number): Promise<void> {
    const factor = tensor(weight);
    if (this.#weight === 0) {
      disposeTree(this.#sum);
      this.#sum = await this.#scaled(grads, factor);
    } else {
      const sum = this.#sum as Weights;
      const more = await this.#added(sum, grads, factor);
      for (const [name, x] of Object.entries(sum)) assign(x, more[name] as Tensor);
    }
    factor.dispose();
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

  async release(): Promise<void> {
    await this.#scaled.release();
    await this.#added.release();
  }
}
