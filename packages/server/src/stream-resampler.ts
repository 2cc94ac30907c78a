import { resample } from "@hawksbill/audio";

/** How far `resample` looks to each side, in samples of the lower of the two rates; a little more than it does. */
const reach = 8;

/** Changes the sample rate of sound that comes in pieces: the result is that of `resample` for all of it at once. */
export class StreamResampler {
  readonly #fromHz: number;
  readonly #toHz: number;
  /** So many old samples give so many new ones, again and again. */
  readonly #from: number;
  readonly #to: number;
  /** Groups of old samples that a new one can depend on, to each side. */
  readonly #context: number;
  /** Old samples from `#done - #context` groups on. */
  #samples = new Float32Array(0);
  /** Groups before `#samples` that are kept only because later ones depend on them. */
  #past = 0;

  constructor(fromHz: number, toHz: number) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.#from = fromHz / divisor;
    this.#to = toHz / divisor;
    this.#context = Math.ceil((reach * Math.max(1, fromHz / toHz)) / this.#from);
  }

  /** @returns As much as can be told without the samples that follow. */
  push(samples: Float32Array): Float32Array {
    if (this.#fromHz === this.#toHz) return samples;
    const all = new Float32Array(this.#samples.length + samples.length);
    all.set(this.#samples);
    all.set(samples, this.#samples.length);
    this.#samples = all;
    const known = Math.floor(all.length / this.#from) - this.#context;
    if (known <= this.#past) return new Float32Array(0);
    const resampled = this.#resampled().slice(this.#past * this.#to, known * this.#to);
    const kept = Math.max(0, known - this.#context);
    this.#samples = all.slice(kept * this.#from);
    this.#past = known - kept;
    return resampled;
  }

  /** @returns The rest. */
  finish(): Float32Array {
    if (this.#samples.length === 0) return this.#samples;
    return this.#resampled().slice(this.#past * this.#to);
  }

  #resampled(): Float32Array {
    return resample(this.#samples, this.#fromHz, this.#toHz);
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
