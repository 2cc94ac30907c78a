import { toFloat32 } from "@hawksbill/checkpoint";
import {
  type CompiledFunction,
  compile,
  type Device,
  DisposedError,
  ShapeError,
  type Tensor,
  type TypedArray,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { type DvaeConfig, framesPerCode, inferDvaeConfig } from "./config.js";
import { decodeCodes, encodeMel } from "./model.js";

/** A mel spectrogram, as `arMel` of @hawksbill/audio makes it: `data` is [bands, frames], row-major. */
export interface Mel {
  readonly data: Float32Array;
  readonly bands: number;
  readonly frames: number;
}

type Run = CompiledFunction<[weights: Weights, input: Tensor, frames: Tensor], Tensor>;

/**
 * A dVAE ready to turn mel spectrograms into codes and back.
 *
 * Programs are made for whole lengths, rounded up by less than an eighth, and kept: clips of many lengths
 * share a few. What fills a clip up is masked in every layer, so it gives what its own length would give.
 */
export class Dvae {
  readonly config: DvaeConfig;
  readonly #weights: Weights;
  #ready: Promise<Weights> | undefined;
  /** Copies of weights, made for `#ready`. */
  readonly #copies: Tensor[] = [];
  readonly #encode: Run;
  readonly #decode: Run;
  #disposed = false;

  private constructor(weights: Weights, device: Device) {
    this.config = inferDvaeConfig(weights);
    this.#weights = weights;
    const program = (name: string, fn: typeof encodeMel): Run =>
      compile((all: Weights, input: Tensor, frames: Tensor) => fn(all, input, { frames }), {
        device,
        name: `Dvae.${name}`,
        maxPrograms: 64, // Lengths from 32 to 8,192 frames.
      });
    this.#encode = program("encode", encodeMel);
    this.#decode = program("decode", decodeCodes);
  }

  /**
   * @param weights Named as in dvae.pth; float16 is taken too. They stay the caller's; those in a file are read at the first run.
   * @throws {CheckpointError} They are not those of a dVAE.
   */
  static create(weights: Weights, device: Device): Dvae {
    return new Dvae(weights, device);
  }

  /**
   * The codes of mel spectrograms, one for every 4 frames (the last may stand for fewer).
   *
   * @throws {ShapeError} A spectrogram has no frames, other bands than the weights, or not bands · frames numbers.
   */
  encode(mel: Mel): Promise<Int32Array>;
  encode(mels: readonly Mel[]): Promise<Int32Array[]>;
  async encode(mels: Mel | readonly Mel[]): Promise<Int32Array | Int32Array[]> {
    if (!isList(mels)) return this.#encodeOne(mels);
    const all: Int32Array[] = [];
    for (const mel of mels) all.push(await this.#encodeOne(mel));
    return all;
  }

  /**
   * The mel spectrograms of codes, 4 frames for each.
   *
   * @throws {RangeError} A list of codes is empty, or a code is not one of the codebook.
   */
  decode(codes: Int32Array): Promise<Mel>;
  decode(codes: readonly Int32Array[]): Promise<Mel[]>;
  async decode(codes: Int32Array | readonly Int32Array[]): Promise<Mel | Mel[]> {
    if (!isList(codes)) return this.#decodeOne(codes);
    const all: Mel[] = [];
    for (const list of codes) all.push(await this.#decodeOne(list));
    return all;
  }

  /** Frees the programs. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const x of this.#copies) x.dispose();
    await Promise.all([this.#encode.release(), this.#decode.release()]);
  }

  async #encodeOne({ data, bands, frames }: Mel): Promise<Int32Array> {
    this.#requireOpen("encode");
    const { channels } = this.config;
    if (bands !== channels || frames < 1 || data.length !== bands * frames)
      throw new ShapeError(
        `Dvae.encode: a mel spectrogram has ${bands} bands, ${frames} frames and ${data.length} numbers; give ${channels} bands, 1 frame or more, and bands · frames numbers`,
      );
    const length = roomFor(frames, framesPerCode(this.config));
    const padded = new Float32Array(bands * length);
    for (let band = 0; band < bands; band++)
      padded.set(data.subarray(band * frames, (band + 1) * frames), band * length);
    const mel = tensor(padded, { shape: [1, bands, length] });
    const codes = await this.#run(this.#encode, mel, frames);
    return (codes as Int32Array).slice(0, Math.ceil(frames / framesPerCode(this.config)));
  }

  async #decodeOne(codes: Int32Array): Promise<Mel> {
    this.#requireOpen("decode");
    const { tokens, channels } = this.config;
    if (codes.length === 0) throw new RangeError("Dvae.decode: no codes; give one or more");
    const stranger = codes.find((code) => code < 0 || code >= tokens);
    if (stranger !== undefined)
      throw new RangeError(
        `Dvae.decode: code ${stranger} is not in a codebook of ${tokens}; give 0 to ${tokens - 1} (take start and stop codes off first)`,
      );
    const step = framesPerCode(this.config);
    const length = roomFor(codes.length * step, step);
    const padded = new Int32Array(length / step);
    padded.set(codes);
    const frames = codes.length * step;
    const input = tensor(padded, { shape: [1, padded.length] });
    const all = await this.#run(this.#decode, input, frames); // [bands, length]
    const data = new Float32Array(channels * frames);
    for (let band = 0; band < channels; band++)
      data.set(all.subarray(band * length, band * length + frames) as Float32Array, band * frames);
    return { data, bands: channels, frames };
  }

  /** Runs a program on one clip. Several may be under way at once, so no scope: it frees its own. */
  async #run(program: Run, input: Tensor, frames: number): Promise<TypedArray> {
    const made = [input, tensor(Int32Array.of(frames))];
    try {
      const [clip, count] = made as [Tensor, Tensor];
      this.#ready ??= this.#inMemory();
      const output = await program(await this.#ready, clip, count);
      made.push(output);
      return await output.data();
    } finally {
      for (const x of made) x.dispose();
    }
  }

  /** The weights in float32, read once and not for every clip. */
  async #inMemory(): Promise<Weights> {
    const all: Record<string, Tensor> = {};
    for (const [name, weight] of Object.entries(this.#weights)) {
      const { shape, dtype, place } = weight;
      const own = place === "stored" ? tensor(await weight.data(), { shape, dtype }) : weight;
      const { [name]: wide = own } = toFloat32({ [name]: own });
      if (own !== weight && own !== wide) own.dispose();
      if (wide !== weight) this.#copies.push(wide);
      all[name] = wide;
    }
    return all;
  }

  #requireOpen(method: string): void {
    if (this.#disposed)
      throw new DisposedError(`Dvae.${method}: this dVAE was disposed of; create another`);
  }
}

function isList<T extends object>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** The length of the program for so many frames: at most an eighth above, so that lengths share programs. */
function roomFor(frames: number, step: number): number {
  const grain = Math.max(32, step, 2 ** (Math.floor(Math.log2(frames)) - 3));
  return Math.ceil(frames / grain) * grain;
}
