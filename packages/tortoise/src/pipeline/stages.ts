import { Clvp, Cvvp } from "@hawksbill/clvp";
import { type Device, DisposedError, type Weights } from "@hawksbill/core";
import { Diffusion } from "@hawksbill/diffusion";
import { type DecoderOptions, RandomLatentConverter, UnifiedVoice } from "@hawksbill/unified-voice";
import { HifiganDecoder, Univnet } from "@hawksbill/vocoder";
import { disposeAll } from "../dispose-all.js";
import { TortoiseError } from "../tortoise-error.js";
import { type TortoisePart, tortoiseFiles } from "./tortoise-files.js";
import { missing, type TortoiseModel } from "./tortoise-model.js";

const converter =
  (part: TortoisePart) =>
  (weights: Weights, device: Device): RandomLatentConverter =>
    RandomLatentConverter.create(weights, device, { file: tortoiseFiles[part].name });

interface StageOptions {
  readonly model: TortoiseModel;
  /** How UnifiedVoice generates. */
  readonly decoder: DecoderOptions;
  /** Whether parts stay on the device for the next speech, or leave it after each use. */
  readonly keep: boolean;
}

/** CLVP's and the diffusion's steps multiply many rows, for which 4 bits are slower than 8. */
const manyRows = ({ decoder: { weights = "float32" } }: StageOptions) =>
  ({ weights: weights === "float32" ? weights : "int8" }) as const;

/** How each part gets onto a device. */
const makers = {
  autoregressive: (weights: Weights, device: Device, { model, decoder }: StageOptions) =>
    UnifiedVoice.create(weights, device, { heads: model.config.heads, ...decoder }),
  diffusion: (weights: Weights, device: Device, options: StageOptions) =>
    Diffusion.create(weights, device, manyRows(options)),
  vocoder: (weights: Weights, device: Device) => Univnet.create(weights, device),
  clvp: (weights: Weights, device: Device, options: StageOptions) =>
    Clvp.create(weights, device, manyRows(options)),
  cvvp: (weights: Weights, device: Device) => Cvvp.create(weights, device),
  hifiganDecoder: (weights: Weights, device: Device) => HifiganDecoder.create(weights, device),
  randomAutoregressive: converter("randomAutoregressive"),
  randomDiffusion: converter("randomDiffusion"),
} satisfies {
  readonly [P in TortoisePart]: (
    weights: Weights,
    device: Device,
    options: StageOptions,
  ) => { dispose(): Promise<void> };
};

type Makers = typeof makers;

/** A model's parts on a device, each made when it is first used. */
export class Stages {
  readonly model: TortoiseModel;
  readonly #device: Device;
  readonly #options: StageOptions;
  readonly #made = new Map<TortoisePart, { dispose(): Promise<void> }>();
  #disposed = false;

  constructor(device: Device, options: StageOptions) {
    this.model = options.model;
    this.#device = device;
    this.#options = options;
  }

  has(part: TortoisePart): boolean {
    return this.model.weights[part] !== undefined;
  }

  /** @throws {TortoiseError} The model has no such part. */
  async use<P extends TortoisePart, T>(
    part: P,
    work: (made: ReturnType<Makers[P]>) => Promise<T>,
  ): Promise<T> {
    const held = this.hold(part);
    try {
      return await work(held.part);
    } finally {
      await held.release();
    }
  }

  /**
   * A part until it is released.
   *
   * @throws {TortoiseError} The model has no such part.
   * @throws {DisposedError} All were disposed of: one made now nobody would free.
   */
  hold<P extends TortoisePart>(
    name: P,
  ): { readonly part: ReturnType<Makers[P]>; release(): Promise<void> } {
    if (this.#disposed)
      throw new DisposedError("speak: this Tortoise was disposed of; create another");
    const weights = this.model.weights[name];
    if (!weights) throw new TortoiseError(`speak: ${missing(name)}`);
    const part = (this.#made.get(name) ??
      makers[name](weights, this.#device, this.#options)) as ReturnType<Makers[P]>;
    if (!this.#options.keep) return { part, release: () => part.dispose() };
    this.#made.set(name, part);
    return { part, release: async () => {} };
  }

  /** Frees what is on the device; the weights stay the caller's. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const all = [...this.#made.values()];
    this.#made.clear();
    await disposeAll(all.map((made) => () => made.dispose()));
  }
}
