import type { Mel } from "@hawksbill/audio";
import { inFloat32 } from "@hawksbill/checkpoint";
import {
  abs,
  type CompiledFunction,
  compile,
  type Device,
  DisposedError,
  NonFiniteError,
  ShapeError,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { type DvaeConfig, framesPerCode, inferDvaeConfig } from "./config.js";
import { decodeCodes, encoder, nearestCodes } from "./model.js";

type Run = CompiledFunction<[input: Tensor], readonly Tensor[]>;

/** A dVAE ready to turn mel spectrograms into codes and back: one program each way, for clips of all lengths. */
export class Dvae {
  readonly config: DvaeConfig;
  readonly #encode: Run;
  readonly #decode: Run;
  #disposed = false;

  private constructor(weights: Weights, device: Device) {
    this.config = inferDvaeConfig(weights);
    // Weights are constants: as inputs they would be read from their file for every clip.
    const program = (name: string, fn: (weights: Weights, input: Tensor) => Tensor[]): Run =>
      compile((input) => fn(inFloat32(weights), input), {
        device,
        name: `Dvae.${name}`,
        anyLength: true,
      });
    this.#encode = program("encode", (all, mel) => {
      const encoded = encoder(all, mel);
      return [nearestCodes(all, encoded), sum(abs(encoded))]; // Codes alone would not tell of NaN.
    });
    this.#decode = program("decode", (all, codes) => [decodeCodes(all, codes)]);
  }

  /**
   * @param weights Named as in dvae.pth; float16 is taken too. They stay the caller's and are read when first needed: what is changed in them later is not seen.
   * @throws {CheckpointError} They are not those of a dVAE.
   */
  static create(weights: Weights, device: Device): Dvae {
    return new Dvae(weights, device);
  }

  /**
   * The codes of mel spectrograms, one for every 4 frames (the last may stand for fewer).
   *
   * @throws {ShapeError} A spectrogram has no frames, other bands than the weights, or not bands · frames numbers.
   * @throws {RangeError} One of the numbers is NaN or infinite.
   * @throws {NonFiniteError} The encoder gave what is no number.
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
    await Promise.all([this.#encode.release(), this.#decode.release()]);
  }

  async #encodeOne({ data, bands, frames }: Mel): Promise<Int32Array> {
    this.#requireOpen("encode");
    const { channels } = this.config;
    if (bands !== channels || frames < 1 || data.length !== bands * frames)
      throw new ShapeError(
        `Dvae.encode: a mel spectrogram has ${bands} bands, ${frames} frames and ${data.length} numbers; give ${channels} bands, 1 frame or more, and bands · frames numbers`,
      );
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new RangeError(
        `Dvae.encode: a mel spectrogram holds ${data[bad]} at ${bad}; give finite numbers`,
      );
    const input = tensor(data, { shape: [1, bands, frames] });
    const [codes, size] = await this.#run(this.#encode, input);
    if (!Number.isFinite(size?.[0]))
      throw new NonFiniteError(
        "Dvae.encode: what the encoder gave is NaN or infinite; look for such numbers in the weights",
      );
    return codes as Int32Array;
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
    const [data] = await this.#run(this.#decode, tensor(codes, { shape: [1, codes.length] }));
    const frames = codes.length * framesPerCode(this.config);
    return { data: data as Float32Array, bands: channels, frames };
  }

  /** Runs a program on one clip. Several may be under way at once, so no scope: it frees its own. */
  async #run(program: Run, input: Tensor): Promise<TypedArray[]> {
    const made = [input];
    try {
      const outputs = await program(input);
      made.push(...outputs);
      return await Promise.all(outputs.map((x) => x.data()));
    } finally {
      for (const x of made) x.dispose();
    }
  }

  #requireOpen(method: string): void {
    if (this.#disposed)
      throw new DisposedError(`Dvae.${method}: this dVAE was disposed of; create another`);
  }
}

function isList<T extends object>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
