import { modelShapes, modelSizes } from "@hawksbill/checkpoint";
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
  return modelShapes("unified-voice", config);
}

/** What the weights tell. */
const weightSizes = [
  "layers",
  "modelDim",
  "maxTextTokens",
  "maxMelTokens",
  "textTokens",
  "melCodes",
  "conditioningBlocks",
] as const satisfies readonly (keyof UnifiedVoiceConfig)[];

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
  const sizes = modelSizes("unified-voice", weights, weightSizes, file);
  return unifiedVoiceConfig({ ...sizes, ...(heads === undefined ? {} : { heads }) });
}
