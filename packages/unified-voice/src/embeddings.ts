import { ShapeError, toNumbers, type Weights } from "@hawksbill/core";
import { checkTokens } from "./check-input.js";
import type { UnifiedVoiceConfig } from "./config.js";
import { roundUp } from "./inputs.js";
import { namedWeight } from "./named-weight.js";

/** What a row is to say and in which voice. */
export interface Prompt {
  /** Text token ids, without start token; the model adds a stop token. */
  readonly tokens: ArrayLike<number>;
  /** The voice as `conditioning` gives it, of the model's width. */
  readonly voice: Float32Array;
}

interface Tables {
  readonly text: Float32Array;
  readonly textPositions: Float32Array;
  readonly mel: Float32Array;
  readonly melPositions: Float32Array;
}

const names: Readonly<Record<keyof Tables, string>> = {
  text: "text_embedding.weight",
  textPositions: "text_pos_embedding.emb.weight",
  mel: "mel_embedding.weight",
  melPositions: "mel_pos_embedding.emb.weight",
};

/** What the GPT reads, looked up here: a few rows are not worth an upload of tables. */
export class Embeddings {
  readonly #weights: Weights;
  readonly #config: UnifiedVoiceConfig;
  #tables: Promise<Tables> | undefined;

  constructor(weights: Weights, config: UnifiedVoiceConfig) {
    this.#weights = weights;
    this.#config = config;
  }

  /**
   * Voice and text of each prompt, filled up behind to one length.
   *
   * @returns [prompts, positions, dim], and how many positions each prompt takes.
   * @throws {UnifiedVoiceError} A token is not in the vocabulary, or a text is too long.
   * @throws {ShapeError} A voice is another model's.
   */
  async prompts(
    prompts: readonly Prompt[],
  ): Promise<{ data: Float32Array; positions: number; lengths: number[] }> {
    const { modelDim, startTextToken, stopTextToken } = this.#config;
    const texts = prompts.map(({ tokens, voice }) => {
      checkTokens("generate", tokens, this.#config);
      if (voice.length !== modelDim)
        throw new ShapeError(
          `generate: the voice has ${voice.length} numbers, the model is ${modelDim} wide; make it with this model's conditioning()`,
        );
      return [startTextToken, ...Array.from(tokens), stopTextToken];
    });
    const lengths = texts.map((text) => 1 + text.length);
    const positions = roundUp(Math.max(...lengths), 16);
    const { text, textPositions } = await this.#read();
    const data = new Float32Array(prompts.length * positions * modelDim);
    texts.forEach((ids, b) => {
      const start = b * positions * modelDim;
      data.set((prompts[b] as Prompt).voice, start);
      ids.forEach((id, i) => {
        const to = start + (1 + i) * modelDim;
        addRows(data.subarray(to, to + modelDim), [text, id], [textPositions, i]);
      });
    });
    return { data, positions, lengths };
  }

  /** Voice, text, and what codes were drawn behind: the start token and all codes but the last. @returns [positions, dim]. */
  async told(prompt: Prompt, codes: ArrayLike<number>): Promise<Float32Array> {
    const { modelDim, startMelToken } = this.#config;
    const { data, lengths } = await this.prompts([prompt]);
    const [length = 0] = lengths;
    const told = new Float32Array((length + codes.length) * modelDim);
    told.set(data.subarray(0, length * modelDim));
    for (let i = 0; i < codes.length; i++) {
      const code = i === 0 ? startMelToken : (codes[i - 1] as number);
      told.set(await this.codes([code], i), (length + i) * modelDim);
    }
    return told;
  }

  /**
   * A code of each row, all at one position.
   *
   * @returns [rows, dim].
   * @throws {RangeError} A code or the position is beyond its table.
   */
  async codes(codes: readonly number[], position: number): Promise<Float32Array> {
    const { modelDim, melCodes } = this.#config;
    const { mel, melPositions } = await this.#read();
    for (const code of codes) requireRow("code", code, melCodes);
    requireRow("position", position, melPositions.length / modelDim);
    const data = new Float32Array(codes.length * modelDim);
    codes.forEach((code, b) => {
      const row = data.subarray(b * modelDim, (b + 1) * modelDim);
      addRows(row, [mel, code], [melPositions, position]);
    });
    return data;
  }

  #read(): Promise<Tables> {
    this.#tables ??= this.#readAll().catch((error: unknown) => {
      this.#tables = undefined; // To be tried again.
      throw error;
    });
    return this.#tables;
  }

  async #readAll(): Promise<Tables> {
    const tables: Partial<Record<keyof Tables, Float32Array>> = {};
    for (const [key, name] of Object.entries(names) as [keyof Tables, string][]) {
      const table = namedWeight(this.#weights, name);
      tables[key] = toNumbers(await table.data(), table.dtype) as Float32Array;
    }
    return tables as Tables;
  }
}

function requireRow(what: string, index: number, rows: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= rows)
    throw new RangeError(`step: the ${what} is ${index}; give 0 to ${rows - 1}`);
}

type Row = readonly [table: Float32Array, index: number];

/** The sum of a row of one table and a row of another. */
function addRows(to: Float32Array, [a, i]: Row, [b, j]: Row): void {
  const { length } = to;
  for (let c = 0; c < length; c++)
    to[c] = (a[i * length + c] as number) + (b[j * length + c] as number);
}
