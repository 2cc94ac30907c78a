import { tensor } from "./create-tensor.js";
import type { Device } from "./device.js";
import { reshape, transpose } from "./ops/layout.js";
import { blockMatrix, int8Matrix } from "./ops/matrices.js";
import { withMatrix } from "./own-product.js";
import { numbersOf, quantizeInt8 } from "./quantize.js";
import { quantizeBlocks } from "./quantize-blocks.js";
import { ShapeError } from "./shape.js";
import { DisposedError, type Tensor } from "./tensor.js";
import { disposeTree, type Weights } from "./tree.js";

/** What a model's matrices are kept in. */
export type WeightPrecision = "float32" | "int8" | "int4";

/** Which weights are rounded, and for what. */
export interface QuantizedWeightsOptions {
  readonly device: Device;
  /** Of the weights to be rounded. */
  readonly names: RegExp;
  /**
   * "out-in" (default): [out, in] for `linear` or [out, in, positions] for `conv1d`, as PyTorch's layers have them.
   * "in-out": [in, out] for `matmul`, as GPT-2 has them.
   */
  readonly axes?: "out-in" | "in-out";
}

/**
 * A model's weights as constants for programs of one device, some of them in 8 or 4 bits, which are made when they are
 * first needed. `matmul`, `linear` and `conv1d` take them as they take others.
 *
 * Processors are fastest with 8 bits on both sides, the scale of a matrix's whole column and rows rounded, too
 * (`int8Matrix`). GPUs have another product, in which rows keep float32 and columns have many scales: no slower there,
 * and nearer (`blockMatrix`); processors take it for 4 bits.
 */
export class QuantizedWeights {
  readonly #given: Weights;
  readonly #precision: WeightPrecision;
  readonly #options: QuantizedWeightsOptions;
  #rounding: Promise<void> | undefined;
  #rounded: Weights | undefined;
  #owned: unknown[] = [];

  /** @param weights They stay the caller's, and are needed until `dispose`. */
  constructor(weights: Weights, precision: WeightPrecision, options: QuantizedWeightsOptions) {
    this.#given = weights;
    this.#precision = precision;
    this.#options = options;
    if (precision === "float32") this.#rounded = weights;
  }

  /** For use inside a traced function, once `ready`. */
  get weights(): Weights {
    if (this.#rounded) return this.#rounded;
    throw new DisposedError(
      "QuantizedWeights: not rounded, or disposed of; wait for ready() first",
    );
  }

  /**
   * Rounds what is not rounded yet.
   *
   * @throws {ShapeError} A weight to be rounded is no matrix, and no kernel of a `conv1d`.
   */
  async ready(): Promise<void> {
    if (this.#rounded) return;
    this.#rounding ??= this.#round().finally(() => {
      this.#rounding = undefined;
    });
    await this.#rounding;
  }

  /** Frees what was made. */
  async dispose(): Promise<void> {
    await this.#rounding?.catch(() => undefined);
    if (this.#precision !== "float32") this.#rounded = undefined;
    this.#free();
  }

  async #round(): Promise<void> {
    const { names, axes = "out-in" } = this.#options;
    const rounded: Record<string, Tensor> = { ...this.#given };
    try {
      for (const [name, weight] of Object.entries(this.#given))
        if (names.test(name))
          rounded[name] =
            axes === "in-out" ? await this.#matrix(weight) : await this.#layer(weight);
    } catch (error) {
      this.#free();
      throw error;
    }
    this.#rounded = rounded;
  }

  /** A matrix, rounded. @param matrix [in, out]. */
  async #matrix(matrix: Tensor): Promise<Tensor> {
    const { name } = this.#options.device;
    const roundRows = name === "cpu" || name === "wasm";
    if (this.#precision === "int8" && roundRows) {
      const parts = await quantizeInt8(matrix, { transposed: false });
      this.#owned.push(parts);
      return int8Matrix(parts);
    }
    const parts = await quantizeBlocks(matrix, this.#precision === "int8" ? 8 : 4);
    this.#owned.push(parts);
    return blockMatrix(parts, { roundRows });
  }

  /** A layer's matrix or kernel, rounded as its transpose, [in, positions · out]. */
  async #layer(weight: Tensor): Promise<Tensor> {
    if (weight.rank !== 2 && weight.rank !== 3)
      throw new ShapeError(
        `QuantizedWeights: a weight to be rounded is ${weight}; give a matrix or the kernel of a conv1d`,
      );
    const [out = 0, channels = 0, positions = 1] = weight.shape;
    const columns = channels * positions;
    const numbers = await numbersOf(weight);
    const turned = new Float32Array(out * columns);
    for (let i = 0, row = 0; row < out; row++)
      for (let column = 0; column < columns; column++, i++)
        turned[column * out + row] = numbers[i] as number;
    const across = tensor(turned, { shape: [channels, positions * out] });
    const matrix = await this.#matrix(across);
    across.dispose();
    if (weight.rank === 2) return transpose(matrix);
    const kernel = transpose(reshape(matrix, [channels, positions, out]), [2, 0, 1]);
    return withMatrix(kernel, matrix);
  }

  #free(): void {
    disposeTree(this.#owned);
    this.#owned = [];
  }
}
