import { inFloat32 } from "@hawksbill/checkpoint";
import {
  type CompiledFunction,
  compile,
  concat,
  type Device,
  DisposedError,
  disposeTree,
  literal,
  QuantizedWeights,
  type Tensor,
  tensor,
  type WeightPrecision,
  type Weights,
} from "@hawksbill/core";
import {
  type Cache,
  type CacheSize,
  type CacheView,
  HostCache,
  type LayerCache,
  unseen,
} from "./cache.js";
import { checkCodes, checkTokens } from "./check-input.js";
import type { UnifiedVoiceConfig } from "./config.js";
import { Embeddings, type Prompt } from "./embeddings.js";
import { type Extended, type Extension, extend } from "./extend.js";
import { type Likelihood, likelihoodOf } from "./likelihood.js";
import { residentCaches } from "./resident-cache.js";

// B rows, T new positions, D width.

/** GPT-2's matrices. The head stays as it is: it is little, and codes are drawn of what it gives. */
const matrices = /^gpt\.h\.\d+\.(attn|mlp)\.(c_attn|c_proj|c_fc)\.weight$/;

type Program = CompiledFunction<[cache: readonly LayerCache[], extension: Extension], Extended>;

/** Makes caches where a device wants them. */
interface Caches {
  create(size: CacheSize): Cache;
  release(): Promise<void>;
}

const hostCaches: Caches = {
  create: (size) => new HostCache(size),
  release: async () => {},
};

/** What a step gives for a row. */
export interface StepOutput {
  /** Of its next code, [melCodes]. */
  readonly logits: Float32Array;
  /** The state that they were made of, [modelDim]: see `latents`. */
  readonly latent: Float32Array;
}

export interface DecoderOptions {
  /**
   * "float32" (default), or the blocks' matrices in 8 bits ("int8") or 4 ("int4"), in about a quarter or a seventh of the
   * memory; `latents` and `likelihood` of `UnifiedVoice` load float32 ones beside them, when first asked for. A CPU
   * multiplies several times faster by them. They are less exact, 4 bits much less; how much, is in `docs/performance.md`.
   */
  readonly weights?: WeightPrecision;
}

/**
 * Predicts codes one at a time and keeps the keys and values of what was said before.
 *
 * The cache is an input. A step returns only its own column, which is then written into the cache here: ONNX Runtime
 * copies all outputs, so returning the whole cache would cost more than the step. On a device that keeps results the
 * cache stays there, and so do the columns. Weights are constants of one program
 * that reads prompts and makes steps of any number of rows, so a decoder is of the weights as they were.
 */
export class Decoder {
  readonly #config: UnifiedVoiceConfig;
  readonly #embeddings: Embeddings;
  readonly #caches: Caches;
  readonly #weights: QuantizedWeights;
  readonly #run: Program;
  /** What is under way. */
  readonly #working = new Set<Promise<unknown>>();
  #disposed = false;

  constructor(
    weights: Weights,
    config: UnifiedVoiceConfig,
    device: Device,
    { weights: precision = "float32" }: DecoderOptions = {},
  ) {
    this.#config = config;
    this.#embeddings = new Embeddings(weights, config);
    this.#caches = device.keepsResults ? residentCaches(device) : hostCaches;
    this.#weights = new QuantizedWeights(weights, precision, {
      device,
      names: matrices,
      axes: "in-out",
    });
    this.#run = compile(
      (cache, extension) => {
        const constants = inFloat32(this.#weights.weights);
        const { columns, ...rest } = extend(constants, cache, extension, config);
        // A single tensor is read faster than many.
        return { ...rest, columns: device.keepsResults ? columns : [concat(columns, 0)] };
      },
      {
        device,
        name: "decoder",
        anyLength: true,
        keepOnDevice: (path) => device.keepsResults && path.startsWith("columns"),
      },
    );
  }

  /**
   * Reads texts and voices.
   *
   * @param maxSteps How many codes will be fed at most, the start token among them.
   * @throws {UnifiedVoiceError} A token is not in the vocabulary, or a text is too long.
   * @throws {DisposedError} The decoder was disposed of.
   */
  begin(prompts: readonly Prompt[], maxSteps: number): Promise<Decoding> {
    return this.#whileOpen("generate", () => this.#begin(prompts, maxSteps));
  }

  async #begin(prompts: readonly Prompt[], maxSteps: number): Promise<Decoding> {
    const { layers, heads, modelDim } = this.#config;
    // The same prompt in several rows is read once.
    const unique = [...new Set(prompts)];
    const { data, positions, lengths } = await this.#embeddings.prompts(unique);
    const run = await this.#program();
    const shape = [unique.length, positions, modelDim];
    const read = await extended(run, emptyCache(unique.length, this.#config), data, shape);
    try {
      const cache = this.#caches.create({
        layers,
        batch: prompts.length,
        heads,
        width: modelDim / heads,
        maxPlaces: positions + maxSteps,
      });
      const sources = prompts.map((one) => {
        const prompt = unique.indexOf(one);
        return { prompt, length: lengths[prompt] ?? 0 };
      });
      await cache.fill(read.columns, sources);
      return new Decoding({
        cache,
        run,
        embeddings: this.#embeddings,
        maxSteps,
        whileOpen: (method, work) => this.#whileOpen(method, work),
      });
    } finally {
      disposeTree(read);
    }
  }

  /**
   * The states that predicted codes which are known.
   *
   * @returns [codes, modelDim], row-major.
   * @throws {UnifiedVoiceError} A token or code is not the model's, or there are none or too many.
   * @throws {DisposedError} The decoder was disposed of.
   */
  latents(prompt: Prompt, codes: ArrayLike<number>): Promise<Float32Array> {
    return this.#whileOpen("latents", async () => {
      checkTokens("latents", prompt.tokens, this.#config);
      checkCodes("latents", codes, this.#config);
      return this.#told(prompt, codes, ({ latents }) => latents);
    });
  }

  /**
   * How likely codes are that are known, and the end behind each of them.
   *
   * @param codes One less than the model has positions for, at most: the end takes one, too.
   * @throws {UnifiedVoiceError} A token or code is not the model's, or there are none or too many.
   * @throws {DisposedError} The decoder was disposed of.
   */
  likelihood(prompt: Prompt, codes: ArrayLike<number>): Promise<Likelihood> {
    return this.#whileOpen("likelihood", async () => {
      checkTokens("likelihood", prompt.tokens, this.#config);
      const all = [...Array.from(codes), 0]; // No code follows the last, so any number may stand there.
      checkCodes("likelihood", all, this.#config);
      const logits = await this.#told(prompt, all, ({ logits }) => logits);
      return likelihoodOf(logits, codes, this.#config);
    });
  }

  /** What the model gives where it is told codes, [codes, …], row-major. */
  async #told(
    prompt: Prompt,
    codes: ArrayLike<number>,
    which: (made: Extended) => Tensor,
  ): Promise<Float32Array> {
    const x = await this.#embeddings.told(prompt, codes);
    const { modelDim } = this.#config;
    const shape = [1, x.length / modelDim, modelDim];
    const made = await extended(await this.#program(), emptyCache(1, this.#config), x, shape);
    try {
      const rows = which(made);
      const data = (await rows.data()) as Float32Array;
      return data.slice(-codes.length * (rows.shape[2] ?? 1));
    } finally {
      disposeTree(made);
    }
  }

  async #program(): Promise<Program> {
    await this.#weights.ready();
    return this.#run;
  }

  /** Work that `dispose` waits for: a program that it loaded later, nobody would free. */
  async #whileOpen<T>(method: string, work: () => Promise<T>): Promise<T> {
    if (this.#disposed)
      throw new DisposedError(`${method}: this model was disposed of; create another`);
    const working = work();
    this.#working.add(working);
    try {
      return await working;
    } finally {
      this.#working.delete(working);
    }
  }

  /** Frees the program as soon as no step is under way; the next one is refused. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.allSettled(this.#working);
    await this.#run.release();
    await this.#caches.release();
    await this.#weights.dispose();
  }
}

/** What steps are made with. */
interface Steps {
  readonly cache: Cache;
  readonly run: Program;
  readonly embeddings: Embeddings;
  readonly maxSteps: number;
  /** Work that the decoder waits for before it is disposed of. */
  readonly whileOpen: <T>(method: string, work: () => Promise<T>) => Promise<T>;
}

/** Rows being spoken: feed each row's last code, get the logits of its next. */
export class Decoding {
  readonly #with: Steps;
  #steps = 0;

  /** @internal */
  constructor(steps: Steps) {
    this.#with = steps;
  }

  /**
   * @param codes The code of each row; the start token first.
   * @param position Row of the mel position table; default the step's number, as in training.
   * @returns One output a row.
   * @throws {RangeError} More steps than `begin` made room for; or a code or the position is not in the model's tables.
   * @throws {DisposedError} The decoder was disposed of.
   */
  step(codes: readonly number[], position = this.#steps): Promise<StepOutput[]> {
    return this.#with.whileOpen("step", () => this.#step(codes, position));
  }

  async #step(codes: readonly number[], position: number): Promise<StepOutput[]> {
    const { cache, run, embeddings, maxSteps } = this.#with;
    if (this.#steps === maxSteps)
      throw new RangeError(
        `step: there is room for ${maxSteps} steps; begin with a larger maxSteps`,
      );
    const x = await embeddings.codes(codes, position);
    const shape = [codes.length, 1, x.length / codes.length];
    const made = await extended(run, await cache.view(), x, shape);
    try {
      await cache.write(made.columns);
      this.#steps++;
      const [logits, latents] = [await rowsOf(made.logits), await rowsOf(made.latents)];
      return logits.map((row, b) => ({ logits: row, latent: latents[b] as Float32Array }));
    } finally {
      disposeTree(made);
    }
  }

  /** Ends a row, so that steps get faster; the last row takes its number. */
  drop(row: number): void {
    this.#with.cache.drop(row);
  }

  /** Frees the cache. */
  dispose(): void {
    this.#with.cache.dispose();
  }
}

/** @param data Embeddings of new positions, of shape [B, T, D]. */
async function extended(
  run: Program,
  { layers, seen }: CacheView,
  data: Float32Array,
  shape: readonly number[],
): Promise<Extended> {
  const x = tensor(data, { shape });
  const causal = causalBias(shape[1] ?? 1);
  try {
    return await run(layers, { x, seen, causal });
  } finally {
    disposeTree([x, causal]);
  }
}

/** What a prompt finds before it: one place that nobody sees, since no axis may be of length 0. */
function emptyCache(rows: number, { layers, heads, modelDim }: UnifiedVoiceConfig): CacheView {
  const width = modelDim / heads;
  const none = literal(new Float32Array(rows * heads * width), { shape: [rows, heads, 1, width] });
  return {
    layers: Array<LayerCache>(layers).fill({ key: none, value: none }),
    seen: literal(new Float32Array(rows).fill(unseen), { shape: [rows, 1, 1, 1] }),
  };
}

/** Hides from each new position those behind it. @returns [T, T]. */
function causalBias(T: number): Tensor {
  const bias = new Float32Array(T * T);
  for (let t = 0; t < T; t++) bias.fill(unseen, t * T + t + 1, (t + 1) * T);
  return tensor(bias, { shape: [T, T] });
}

/** @param table [rows, 1, columns]. */
async function rowsOf(table: Tensor): Promise<Float32Array[]> {
  const [rows = 0, , columns = 0] = table.shape;
  const data = (await table.data()) as Float32Array;
  return Array.from({ length: rows }, (_, b) => data.subarray(b * columns, (b + 1) * columns));
}
