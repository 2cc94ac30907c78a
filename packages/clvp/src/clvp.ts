import { inFloat32 } from "@hawksbill/checkpoint";
import {
  type CompiledFunction,
  compile,
  type Device,
  disposeTree,
  QuantizedWeights,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import {
  type ClvpConfig,
  clvpSpeechLatents,
  clvpTextLatents,
  inferClvpConfig,
} from "./clvp-model.js";
import { type Rotation, rotations } from "./encoder.js";
import { Judge, type JudgeOptions } from "./judge.js";
import { similarity } from "./similarity.js";

/** The matrices of both transformers. */
const matrices =
  /^(text|speech)_transformer\..*\.(to_q|to_k|to_v|to_out|net\.0\.proj|net\.3)\.weight$/;

export interface ClvpOptions {
  /**
   * "float32" (default), or "int8": the matrices in 8 bits, a quarter of the memory, which is more than twice as
   * fast on processors. How much less exact that is, is in `docs/performance.md`.
   */
  readonly weights?: "float32" | "int8";
}

/** A trained CLVP on a device: it tells how well candidates say a text. */
export class Clvp {
  readonly config: ClvpConfig;
  readonly #text: CompiledFunction<[tokens: Tensor, rotation: Rotation], Tensor>;
  readonly #judge: Judge;
  /** Of both sides, constants there: as inputs they would be read from their file for every text. */
  readonly #constants: QuantizedWeights;

  private constructor(weights: Weights, device: Device, options: ClvpOptions) {
    this.config = inferClvpConfig(weights);
    this.#constants = new QuantizedWeights(weights, options.weights ?? "float32", {
      device,
      names: matrices,
    });
    const constants = (): Weights => inFloat32(this.#constants.weights);
    this.#text = compile((tokens, rotation) => clvpTextLatents(constants(), tokens, rotation), {
      device,
      name: "Clvp text",
      anyLength: true,
    });
    this.#judge = new Judge(device, {
      caller: "Clvp.similarity",
      title: "CLVP",
      speechTokens: this.config.numSpeechTokens,
      score: (codes, text) => {
        const weights = constants();
        return similarity(weights, text, clvpSpeechLatents(weights, codes));
      },
    });
  }

  /**
   * @param weights Named as in clvp2.pth; float16 is taken too. They stay the caller's, and are needed until `dispose`.
   * @throws {CheckpointError} They are not those of a CLVP.
   */
  static create(weights: Weights, device: Device, options: ClvpOptions = {}): Clvp {
    return new Clvp(weights, device, options);
  }

  /**
   * How well each candidate says the text: the higher the better. The text is read once.
   *
   * @param tokens As TorToiSe's UnifiedVoice reads them: with one stop token, 0, at the end.
   * @param candidates Codes of one length. Silence behind the words counts too, so ranks are TorToiSe's only for
   *   candidates that were filled up to 500 codes as TorToiSe does.
   * @returns One number a candidate.
   * @throws {RangeError} A token or code is unknown, or something is empty; or candidates differ in length.
   * @throws {NonFiniteError} The model gave what is no number.
   */
  async similarity(
    tokens: ArrayLike<number>,
    candidates: readonly ArrayLike<number>[],
    options: JudgeOptions = {},
  ): Promise<Float32Array> {
    this.#judge.requireAlive();
    this.#checkTokens(tokens);
    this.#judge.check(candidates);
    await this.#constants.ready();
    this.#judge.requireAlive();
    const text = tensor(Int32Array.from(tokens), { shape: [1, tokens.length] });
    const made = [text];
    try {
      const latent = await this.#text(text, rotations(tokens.length));
      made.push(latent);
      return await this.#judge.similarities(latent, candidates, options);
    } finally {
      disposeTree(made);
    }
  }

  /** Frees the programs; the weights stay the caller's. */
  async dispose(): Promise<void> {
    await Promise.all([this.#text.release(), this.#judge.release()]);
    await this.#constants.dispose();
  }

  #checkTokens(tokens: ArrayLike<number>): void {
    const { numTextTokens } = this.config;
    if (tokens.length === 0)
      throw new RangeError("Clvp.similarity: the text has no tokens; give some text");
    const at = Array.from(tokens).findIndex(
      (token) => !(Number.isInteger(token) && token >= 0 && token < numTextTokens),
    );
    if (at >= 0)
      throw new RangeError(
        `Clvp.similarity: text token ${tokens[at]} at ${at} is not in the vocabulary of ${numTextTokens}; use the tokenizer that came with the model`,
      );
  }
}
