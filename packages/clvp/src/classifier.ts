import type { Audio } from "@hawksbill/audio";
import { inFloat32 } from "@hawksbill/checkpoint";
import {
  type CompiledFunction,
  compile,
  type Device,
  DisposedError,
  disposeTree,
  softmax,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import {
  type ClassifierConfig,
  classifierLogits,
  inferClassifierConfig,
} from "./classifier-model.js";

const sampleRateHz = 24_000;

/** What the original listens to: 9.2 seconds. */
const maxSamples = 220_000;

/** Tells recordings from what TorToiSe made. */
export class Classifier {
  readonly config: ClassifierConfig;
  readonly #weights: Weights;
  readonly #run: CompiledFunction<[Weights, Tensor], Tensor>;
  #disposed = false;

  private constructor(weights: Weights, config: ClassifierConfig, device: Device) {
    this.config = config;
    this.#weights = weights;
    this.#run = compile((all, x) => softmax(classifierLogits(inFloat32(all), x, config)), {
      device,
      name: "Classifier",
      maxPrograms: 2, // Nearly every clip has a length of its own.
    });
  }

  /**
   * @param weights Named as in classifier.pth; float16 is taken too. They stay the caller's.
   * @param options.heads Attention heads; default 4, as the released classifier has.
   * @throws {CheckpointError} They are not those of a classifier.
   */
  static create(
    weights: Weights,
    device: Device,
    options: { readonly heads?: number } = {},
  ): Classifier {
    return new Classifier(weights, inferClassifierConfig(weights, options), device);
  }

  /**
   * The probability that TorToiSe made a clip, from its first 9.2 seconds.
   *
   * @param waveform At 24 kHz; resample others with @hawksbill/audio first.
   * @returns 0 to 1.
   * @throws {RangeError} The clip has another rate, no samples, or one that is no number.
   */
  async probability({ samples, sampleRateHz: rate }: Audio): Promise<number> {
    if (this.#disposed)
      throw new DisposedError(
        "Classifier.probability: this classifier was disposed of; create another",
      );
    if (rate !== sampleRateHz)
      throw new RangeError(
        `Classifier.probability: the clip has ${rate} samples a second; resample it to ${sampleRateHz}`,
      );
    const heard = samples.subarray(0, maxSamples);
    if (heard.length === 0)
      throw new RangeError("Classifier.probability: the clip has no samples; give some sound");
    const bad = heard.findIndex((sample) => !Number.isFinite(sample));
    if (bad >= 0)
      throw new RangeError(
        `Classifier.probability: sample ${bad} is ${heard[bad]}; give finite samples`,
      );
    const input = tensor(heard, { shape: [1, 1, heard.length] });
    const made = [input];
    try {
      const probabilities = await this.#run(this.#weights, input);
      made.push(probabilities);
      return (await probabilities.data())[0] as number;
    } finally {
      disposeTree(made);
    }
  }

  /** Frees the programs; the weights stay the caller's. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#run.release();
  }
}
