import {
  add,
  attention,
  type CompiledFunction,
  compile,
  concat,
  type Device,
  disposeTree,
  embedding,
  reshape,
  ShapeError,
  stack,
  subtree,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { Cache, type LayerCache } from "./cache.js";
import { checkTokens } from "./check-input.js";
import type { UnifiedVoiceConfig } from "./config.js";
import { feedForward, finalNorms, joinHeads, queriesKeysValues } from "./gpt.js";
import { type Inputs, inputRow, inputTables, roundUp } from "./inputs.js";
import { namedWeight } from "./named-weight.js";
import { embedTokens, head } from "./training-losses.js";

// B rows, L layers, D width, H heads, d width of a head, P positions of a prompt.

/** What a row is to say and in which voice. */
export interface Prompt {
  /** Text token ids, without start token; the model adds a stop token. */
  readonly tokens: ArrayLike<number>;
  /** The voice as `conditioning` gives it, of the model's width. */
  readonly voice: Float32Array;
}

type StepProgram = CompiledFunction<[readonly LayerCache[], Tensor, Tensor, Tensor], Step>;

interface Step {
  readonly logits: Tensor; // [B, melCodes]
  readonly latents: Tensor; // [B, D]
  readonly columns: Tensor; // [L, 2, B, H, d], the step's own keys and values
}

/**
 * Predicts codes one at a time and keeps the keys and values of what was said before.
 *
 * The cache is an input of fixed size. A step returns only its own column, which is then written into the
 * cache here: ONNX Runtime copies all outputs, so returning the whole cache would cost more than the step.
 * Weights are constants of the step's program, so a decoder is of the weights as they were.
 */
export class Decoder {
  readonly #config: UnifiedVoiceConfig;
  readonly #weights: Weights;
  readonly #prefill: CompiledFunction<[Weights, Inputs, Tensor], Tensor>;
  readonly #step: StepProgram;

  constructor(weights: Weights, config: UnifiedVoiceConfig, device: Device) {
    this.#config = config;
    this.#weights = weights;
    this.#prefill = compile((weights, inputs, voice) => prefill(weights, inputs, voice, config), {
      device,
      name: "prefill",
    });
    // Each kept program holds the weights.
    this.#step = compile(
      (cache, codes, position, mask) => step(weights, cache, { codes, position, mask }, config),
      { device, name: "step", maxPrograms: 2 },
    );
  }

  /**
   * Reads texts and voices.
   *
   * @param maxSteps How many codes will be fed at most, the start token among them.
   * @throws {UnifiedVoiceError} A token is not in the vocabulary, or a text is too long.
   */
  async begin(prompts: readonly Prompt[], maxSteps: number): Promise<Decoding> {
    const { layers, heads, modelDim } = this.#config;
    // The same prompt in several rows is read once.
    const unique = [...new Set(prompts)];
    const { inputs, voices, lengths } = this.#prompt(unique);
    const longest = Math.max(...lengths);
    const columns = await this.#prefill(this.#weights, inputs, voices); // [L, 2, U, H, P, d]
    disposeTree([inputs, voices]);
    const cache = new Cache({
      layers,
      batch: prompts.length,
      heads,
      places: roundUp(longest + maxSteps, 64),
      width: modelDim / heads,
    });
    prompts.forEach((prompt, row) => {
      const from = unique.indexOf(prompt);
      cache.fill(row, columns, from, lengths[from] ?? 0);
    });
    columns.dispose();
    return new Decoding(cache, this.#step, { begin: longest, maxSteps });
  }

  /** Texts and voices as tensors, and how many positions each row takes. */
  #prompt(prompts: readonly Prompt[]): { inputs: Inputs; voices: Tensor; lengths: number[] } {
    const { modelDim } = this.#config;
    const voices = new Float32Array(prompts.length * modelDim);
    const rows = prompts.map(({ tokens, voice }, b) => {
      checkTokens("generate", tokens, this.#config);
      if (voice.length !== modelDim)
        throw new ShapeError(
          `generate: the voice has ${voice.length} numbers, the model is ${modelDim} wide; make it with this model's conditioning()`,
        );
      voices.set(voice, b * modelDim);
      return inputRow(tokens, undefined, this.#config);
    });
    const lengths = rows.map((row) => 1 + row.ids.length);
    return {
      inputs: inputTables(rows, roundUp(Math.max(...lengths), 16) - 1),
      voices: tensor(voices, { shape: [prompts.length, 1, modelDim] }),
      lengths,
    };
  }

  /** Frees the programs. */
  async dispose(): Promise<void> {
    await this.#prefill.release();
    await this.#step.release();
  }
}

/** What a step gives for a row. */
export interface StepOutput {
  /** Of its next code, [melCodes]. */
  readonly logits: Float32Array;
  /** The state that they were made of, [modelDim]: see `latents`. */
  readonly latent: Float32Array;
}

/** Rows being spoken: feed each row's last code, get the logits of its next. */
export class Decoding {
  readonly #cache: Cache;
  readonly #run: StepProgram;
  readonly #begin: number;
  readonly #maxSteps: number;
  #steps = 0;

  /** @internal */
  constructor(
    cache: Cache,
    run: StepProgram,
    { begin, maxSteps }: { readonly begin: number; readonly maxSteps: number },
  ) {
    this.#cache = cache;
    this.#run = run;
    this.#begin = begin;
    this.#maxSteps = maxSteps;
  }

  /**
   * @param codes The code of each row; the start token first.
   * @param position Row of the mel position table; default the step's number, as in training.
   * @returns One output a row.
   * @throws {RangeError} More steps than `begin` made room for.
   */
  async step(codes: readonly number[], position = this.#steps): Promise<StepOutput[]> {
    if (this.#steps === this.#maxSteps)
      throw new RangeError(
        `step: there is room for ${this.#maxSteps} steps; begin with a larger maxSteps`,
      );
    const cache = this.#cache;
    const inputs = [tensor(Int32Array.from(codes)), tensor(Int32Array.of(position))] as const;
    const { logits, latents, columns } = await this.#run(cache.layers, ...inputs, cache.mask);
    cache.write(this.#begin + this.#steps++, columns);
    const [scores, states] = [await rowsOf(logits), await rowsOf(latents)];
    disposeTree([inputs, logits, latents, columns]);
    return scores.map((row, b) => ({ logits: row, latent: states[b] as Float32Array }));
  }

  /** Frees the cache. */
  dispose(): void {
    this.#cache.dispose();
  }
}

/** @param table [rows, columns]. */
async function rowsOf(table: Tensor): Promise<Float32Array[]> {
  const [rows = 0, columns = 0] = table.shape;
  const data = (await table.data()) as Float32Array;
  return Array.from({ length: rows }, (_, b) => data.slice(b * columns, (b + 1) * columns));
}

/** Keys and values of conditioning and text. @returns [L, 2, B, H, P, d]. */
function prefill(
  weights: Weights,
  inputs: Inputs,
  voice: Tensor,
  { layers, heads }: UnifiedVoiceConfig,
): Tensor {
  let x = concat([voice, embedTokens(weights, inputs)], 1);
  const columns: Tensor[] = [];
  for (let i = 0; i < layers; i++) {
    const block = subtree(weights, `gpt.h.${i}`);
    const { q, k, v } = queriesKeysValues(block, x, heads);
    columns.push(stack([k, v], 0));
    x = add(x, joinHeads(block, attention(q, k, v, { causal: true })));
    x = add(x, feedForward(block, x));
  }
  return stack(columns, 0);
}

/**
 * One code of each row.
 *
 * @param inputs.codes int32 [B]. @param inputs.position int32 [1]. @param inputs.mask See `Cache`.
 */
function step(
  weights: Weights,
  cache: readonly LayerCache[],
  inputs: { readonly codes: Tensor; readonly position: Tensor; readonly mask: Tensor },
  { heads, modelDim }: UnifiedVoiceConfig,
): Step {
  const { codes, position, mask } = inputs;
  const [B = 1] = codes.shape;
  const code = embedding(namedWeight(weights, "mel_embedding.weight"), codes); // [B, D]
  const place = embedding(namedWeight(weights, "mel_pos_embedding.emb.weight"), position);
  let x = reshape(add(code, place), [B, 1, modelDim]);
  const columns: Tensor[] = [];
  cache.forEach((past, i) => {
    const block = subtree(weights, `gpt.h.${i}`);
    const { q, k, v } = queriesKeysValues(block, x, heads);
    columns.push(stack([k, v], 0)); // [2, B, H, 1, d]
    x = add(x, joinHeads(block, attention(q, k, v, { past, mask })));
    x = add(x, feedForward(block, x));
  });
  const latents = reshape(finalNorms(weights, x), [B, modelDim]);
  return { logits: head(weights, "mel_head", latents), latents, columns: stack(columns, 0) };
}
