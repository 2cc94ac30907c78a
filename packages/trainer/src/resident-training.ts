import {
  add,
  assign,
  type CompiledFunction,
  compile,
  type Device,
  download,
  mul,
  type Tensor,
  tensor,
  treeTensors,
  upload,
  type Weights,
} from "@hawksbill/core";
import { deviceAdder } from "./device-adder.js";
import { GradientSum } from "./gradient-sum.js";
import type { MovingAverage } from "./moving-average.js";
import type { DeviceOptimizer, StepOptions, StepReport } from "./optimizer.js";
import type { TrainOptions } from "./train-options.js";

/**
 * Training whose weights, optimiser state and moving average stay on the device from step to step: what crosses are
 * the batch, the losses, and a number a weight for the lengths of gradients.
 */
export class ResidentTraining {
  readonly gradients: GradientSum;
  readonly #adder: ReturnType<typeof deviceAdder>;
  readonly #device: Device;
  readonly #weights: Weights;
  readonly #average: MovingAverage | undefined;
  readonly #optimizer: DeviceOptimizer;
  readonly #follow: CompiledFunction<[Weights, Weights], Weights>;
  /** All that is moved to the device. */
  readonly #tensors: readonly Tensor[];
  /** Whether the weights have made a step that the moving average has not. */
  #isAhead = false;
  /** The host's arrays of the tensors that are on the device now. */
  #arrays: readonly Float32Array[] | undefined;

  constructor(
    { device, weights, optimizer, average }: Pick<TrainOptions<never>, Kept>,
    deviceOptimizer: DeviceOptimizer,
  ) {
    this.#device = device;
    this.#weights = weights;
    this.#average = average;
    this.#optimizer = deviceOptimizer;
    this.#tensors = treeTensors([weights, optimizer.state.moments, average?.weights]);
    this.#adder = deviceAdder(device);
    this.gradients = new GradientSum(this.#adder);
    const decay = average?.decay ?? 0;
    this.#follow = compile((average, now) => mix(average, now, decay), {
      device,
      name: "moving average",
      keepOnDevice: true,
    });
  }

  /** Moves all to the device, if it is not there. */
  async enter(): Promise<void> {
    if (this.#arrays) return;
    const arrays = this.#tensors.map((x) => x.dataSync() as Float32Array);
    const there = await upload(this.#tensors, this.#device);
    this.#tensors.forEach((x, i) => {
      assign(x, there[i] as Tensor);
    });
    this.#arrays = arrays;
  }

  /**
   * Moves all back, into the arrays that it came from.
   *
   * @throws {DeviceError} It could not be read, e.g. since the device is lost: all is still there then.
   */
  async leave(): Promise<void> {
    const arrays = this.#arrays;
    if (!arrays) return;
    const here = await download(this.#tensors, this.#device);
    here.forEach((x, i) => {
      arrays[i]?.set(x.dataSync() as Float32Array);
      x.dispose();
    });
    this.#returnTo(arrays);
  }

  #returnTo(arrays: readonly Float32Array[]): void {
    this.#tensors.forEach((x, i) => {
      assign(x, tensor(arrays[i] as Float32Array, { shape: x.shape }));
    });
    this.#arrays = undefined;
  }

  async step(grads: Weights, options: StepOptions): Promise<StepReport> {
    const report = await this.#optimizer.step(this.#weights, grads, options);
    this.#isAhead = this.#average !== undefined && !report.skipped;
    return report;
  }

  /** Whether a step failed after some of its tensors had moved. */
  get isHalfway(): boolean {
    return this.#isAhead || this.#optimizer.isHalfway;
  }

  /** Lets the moving average follow. */
  async follow(): Promise<void> {
    if (!this.#average) return;
    const { weights } = this.#average;
    const moved = await this.#follow(weights, this.#weights);
    for (const [name, x] of Object.entries(weights)) assign(x, moved[name] as Tensor);
    this.#isAhead = false;
  }

  /** Frees the programs. What could not leave the device is given up: it is what it was when it last entered. */
  async release(): Promise<void> {
    if (this.#arrays) this.#returnTo(this.#arrays);
    await this.#optimizer.release();
    await this.#follow.release();
    await this.#adder.release();
  }
}

type Kept = "device" | "weights" | "optimizer" | "average";

/** Where the device keeps results and the optimiser has programs; elsewhere training is the host's. */
export function residentTraining<B>(options: TrainOptions<B>): ResidentTraining | undefined {
  const { device, optimizer, update } = options;
  if (!device.keepsResults || !optimizer.onDevice || update === "parts") return undefined;
  return new ResidentTraining(options, optimizer.onDevice(device));
}

function mix(average: Weights, now: Weights, decay: number): Weights {
  return Object.fromEntries(
    Object.entries(average).map(([name, x]) => [
      name,
      add(mul(x, decay), mul(now[name] as Tensor, 1 - decay)),
    ]),
  );
}
