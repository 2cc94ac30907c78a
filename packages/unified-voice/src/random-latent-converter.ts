import { inFloat32, modelShapes, modelSizes } from "@hawksbill/checkpoint";
import {
  add,
  type CompiledFunction,
  compile,
  type Device,
  DisposedError,
  disposeTree,
  leakyRelu,
  linear,
  mul,
  type Random,
  type Shape,
  ShapeError,
  type Tensor,
  type Weights,
} from "@hawksbill/core";
import { namedWeight } from "./named-weight.js";

/** Layers that follow StyleGAN's way with learning rates; one plain layer comes behind them. */
const equalisedLayers = 5;

/** Their learning rate's share, which also scales their weights. */
const rateShare = 0.1;

/** Names and shapes of a converter's weights, as in rlg_auto.pth (1024 channels) and rlg_diffuser.pth (2048). */
export function randomLatentShapes(channels: number): Record<string, Shape> {
  return modelShapes("random-latent-converter", { channels });
}

/**
 * Voices from noise, for use inside `compile`.
 *
 * @param noise Of the normal distribution, [batch, channels].
 * @returns [batch, channels].
 */
export function randomLatents(weights: Weights, noise: Tensor): Tensor {
  const [channels = 1] = namedWeight(weights, "layers.0.weight").shape;
  if (noise.rank !== 2 || noise.shape[1] !== channels)
    throw new ShapeError(`randomLatents: noise is [${noise.shape}]; give [batch, ${channels}]`);
  const scale = rateShare / Math.sqrt(channels);
  let x = noise;
  for (let i = 0; i < equalisedLayers; i++) {
    const y = mul(linear(x, namedWeight(weights, `layers.${i}.weight`)), scale);
    const bias = mul(namedWeight(weights, `layers.${i}.bias`), rateShare);
    x = mul(leakyRelu(add(y, bias), 0.2), Math.SQRT2);
  }
  const last = `layers.${equalisedLayers}`;
  return linear(x, namedWeight(weights, `${last}.weight`), namedWeight(weights, `${last}.bias`));
}

/**
 * Makes voices up: TorToiSe's "random" voice. One converter makes UnifiedVoice's conditioning, another one the
 * diffusion decoder's.
 */
export class RandomLatentConverter {
  /** How long its latents are. */
  readonly channels: number;
  readonly #weights: Weights;
  readonly #run: CompiledFunction<[Weights, Tensor], Tensor>;
  #disposed = false;

  private constructor(weights: Weights, channels: number, device: Device) {
    this.channels = channels;
    this.#weights = weights;
    this.#run = compile((all, noise) => randomLatents(inFloat32(all), noise), {
      device,
      name: "RandomLatentConverter",
    });
  }

  /**
   * @param weights Named as in rlg_auto.pth and rlg_diffuser.pth; float16 is taken too. They stay the caller's.
   * @param options.file What errors call the weights.
   * @throws {CheckpointError} They are not those of a converter.
   */
  static create(
    weights: Weights,
    device: Device,
    options: { readonly file?: string } = {},
  ): RandomLatentConverter {
    const { file = "random latent converter" } = options;
    const { channels } = modelSizes("random-latent-converter", weights, ["channels"], file);
    return new RandomLatentConverter(weights, channels, device);
  }

  /**
   * A voice that nobody has: the latent of one draw.
   *
   * @throws {DisposedError} The converter was disposed of.
   */
  async latent(random: Random): Promise<Float32Array> {
    if (this.#disposed)
      throw new DisposedError("latent: this converter was disposed of; create another");
    const made = [random.normal([1, this.channels])];
    try {
      const latent = await this.#run(this.#weights, made[0] as Tensor);
      made.push(latent);
      return (await latent.data()) as Float32Array;
    } finally {
      disposeTree(made);
    }
  }

  /** Frees the program; the weights stay the caller's. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#run.release();
  }
}
