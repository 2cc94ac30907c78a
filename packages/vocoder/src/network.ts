import { inFloat32 } from "@hawksbill/checkpoint";
import {
  type CompiledFunction,
  compile,
  type Device,
  DisposedError,
  disposeTree,
  type Shape,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";

/** What a network takes: numbers, row-major, and their shape. */
export type NetworkInput = readonly [numbers: Float32Array, shape: Shape];

/** A network's programs and the weights that they run with: arrays in, an array out. */
export class Network {
  readonly #title: string;
  readonly #run: CompiledFunction<[readonly Tensor[]], Tensor>;
  #disposed = false;

  /**
   * @param title What it is, for messages.
   * @param weights float16 is taken, too. They stay the caller's.
   */
  constructor(
    title: string,
    weights: Weights,
    device: Device,
    network: (weights: Weights, inputs: readonly Tensor[]) => Tensor,
  ) {
    this.#title = title;
    // Constants of the programs: what is made of weights alone is made once, and products read them rearranged.
    this.#run = compile((inputs) => network(inFloat32(weights), inputs), {
      device,
      name: title,
      maxPrograms: 4,
    });
  }

  /** @throws {DisposedError} */
  requireAlive(caller: string): void {
    if (this.#disposed)
      throw new DisposedError(`${caller}: this ${this.#title} was disposed of; create another`);
  }

  /** @throws {DisposedError} A program that is loaded now nobody would free. */
  async run(caller: string, ...inputs: readonly NetworkInput[]): Promise<Float32Array> {
    this.requireAlive(caller);
    const made = inputs.map(([numbers, shape]) => tensor(numbers, { shape }));
    try {
      const output = await this.#run([...made]);
      made.push(output);
      return (await output.data()) as Float32Array;
    } finally {
      disposeTree(made);
    }
  }

  /** Frees the programs. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#run.release();
  }
}
