import { CheckpointError, expectShapes } from "@hawksbill/checkpoint";
import type { Shape, Weights } from "@hawksbill/core";

/** Bands of the mel spectrogram that the conditioning encoder reads. */
export const melBands = 80;

/** Sizes and special tokens of a UnifiedVoice; the released model's are in parentheses. */
export interface UnifiedVoiceConfig {
  /** GPT-2 blocks (30). */
  readonly layers: number;
  /** Width (1024). */
  readonly modelDim: number;
  /** Attention heads, of the GPT and of the conditioning encoder (16). */
  readonly heads: number;
  /** Text tokens that a clip may have (402); the position table has 2 more rows. */
  readonly maxTextTokens: number;
  /** Mel codes that a clip may have (604); the position table has 4 more rows. */
  readonly maxMelTokens: number;
  /** Rows of the text embedding, the start token among them (256). */
  readonly textTokens: number;
  /** (255) */
  readonly startTextToken: number;
  /** (0) */
  readonly stopTextToken: number;
  /** Rows of the mel embedding: codes, start and stop token (8194). */
  readonly melCodes: number;
  /** (8192) */
  readonly startMelToken: number;
  /** (8193) */
  readonly stopMelToken: number;
  /** Attention blocks of the conditioning encoder (6). */
  readonly conditioningBlocks: number;
}

/** Rows of the text position table: the tokens between a start and a stop token. */
export const textPositions = (config: UnifiedVoiceConfig): number => config.maxTextTokens + 2;
/** Rows of the mel position table. The original adds 2 and its `max_conditioning_inputs`, which is 2 too. */
const melPositions = (config: UnifiedVoiceConfig): number => config.maxMelTokens + 4;

/**
 * The config that only states sizes: the last text token starts the text and 0 stops it; the last two
 * codes start and stop the mel; heads are 64 wide.
 */
export function unifiedVoiceConfig(
  sizes: Pick<
    UnifiedVoiceConfig,
    "layers" | "modelDim" | "maxTextTokens" | "maxMelTokens" | "textTokens" | "melCodes"
  > &
    Partial<UnifiedVoiceConfig>,
): UnifiedVoiceConfig {
  const config = {
    heads: Math.max(1, Math.floor(sizes.modelDim / 64)),
    startTextToken: sizes.textTokens - 1,
    stopTextToken: 0,
    startMelToken: sizes.melCodes - 2,
    stopMelToken: sizes.melCodes - 1,
    conditioningBlocks: 6,
    ...sizes,
  };
  const { modelDim, heads } = config;
  if (!Number.isInteger(heads) || heads < 1 || modelDim % heads !== 0)
    throw new RangeError(
      `unifiedVoiceConfig: width ${modelDim} does not divide into ${heads} heads; give a number of heads that divides it`,
    );
  return config;
}

/**
 * Names and shapes of all weights of a model, as in the released checkpoint: GPT-2's matrices are
 * [in, out], the heads [out, in].
 */
export function weightShapes(config: UnifiedVoiceConfig): Record<string, Shape> {
  const D = config.modelDim;
  const shapes: Record<string, Shape> = {};
  const norm = (name: string): void => {
    shapes[`${name}.weight`] = [D];
    shapes[`${name}.bias`] = [D];
  };
  const matrix = (name: string, shape: Shape, outputs: number): void => {
    shapes[`${name}.weight`] = shape;
    shapes[`${name}.bias`] = [outputs];
  };
  matrix("conditioning_encoder.init", [D, melBands, 1], D);
  for (let i = 0; i < config.conditioningBlocks; i++) {
    const block = `conditioning_encoder.attn.${i}`;
    norm(`${block}.norm`);
    matrix(`${block}.qkv`, [3 * D, D, 1], 3 * D);
    matrix(`${block}.proj_out`, [D, D, 1], D);
  }
  shapes["text_embedding.weight"] = [config.textTokens, D];
  shapes["mel_embedding.weight"] = [config.melCodes, D];
  shapes["text_pos_embedding.emb.weight"] = [textPositions(config), D];
  shapes["mel_pos_embedding.emb.weight"] = [melPositions(config), D];
  for (let i = 0; i < config.layers; i++) {
    const block = `gpt.h.${i}`;
    norm(`${block}.ln_1`);
    matrix(`${block}.attn.c_attn`, [D, 3 * D], 3 * D);
    matrix(`${block}.attn.c_proj`, [D, D], D);
    norm(`${block}.ln_2`);
    matrix(`${block}.mlp.c_fc`, [D, 4 * D], 4 * D);
    matrix(`${block}.mlp.c_proj`, [4 * D, D], D);
  }
  norm("gpt.ln_f");
  norm("final_norm");
  matrix("text_head", [config.textTokens, D], config.textTokens);
  matrix("mel_head", [config.melCodes, D], config.melCodes);
  return shapes;
}

/**
 * The config of given weights, from their names and shapes.
 *
 * @param options.heads Shapes do not tell the number of heads: the default takes heads of 64, as the released model has.
 * @param options.file What errors call the weights.
 * @throws {CheckpointError} The weights are not of a UnifiedVoice, or do not fit together.
 */
export function inferConfig(
  weights: Weights,
  options: { readonly heads?: number; readonly file?: string } = {},
): UnifiedVoiceConfig {
  const { heads, file = "UnifiedVoice weights" } = options;
  const rows = (name: string): number => {
    const [length] = weights[name]?.shape ?? [];
    if (length === undefined)
      throw new CheckpointError(file, "is missing; give the weights of a UnifiedVoice", {
        tensor: name,
      });
    return length;
  };
  const blocks = (prefix: string, part: string): number => {
    let count = 0;
    while (Object.hasOwn(weights, `${prefix}.${count}.${part}`)) count++;
    return count;
  };
  const config = unifiedVoiceConfig({
    layers: blocks("gpt.h", "ln_1.weight"),
    modelDim: rows("final_norm.weight"),
    maxTextTokens: rows("text_pos_embedding.emb.weight") - 2,
    maxMelTokens: rows("mel_pos_embedding.emb.weight") - 4,
    textTokens: rows("text_embedding.weight"),
    melCodes: rows("mel_embedding.weight"),
    conditioningBlocks: blocks("conditioning_encoder.attn", "norm.weight"),
    ...(heads === undefined ? {} : { heads }),
  });
  expectShapes(weights, weightShapes(config), file);
  return config;
}
