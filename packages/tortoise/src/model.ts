import { CheckpointError, decodeSafetensors, toFloat32 } from "@hawksbill/checkpoint";
import { disposeTree, type Weights } from "@hawksbill/core";
import { type DvaeConfig, inferDvaeConfig } from "@hawksbill/dvae";
import { Tokenizer } from "@hawksbill/text";
import {
  inferConfig,
  type SamplingOptions,
  type UnifiedVoiceConfig,
} from "@hawksbill/unified-voice";

/** What speaks and can be fine-tuned: a tokenizer, a dVAE, and a UnifiedVoice over its codes. */
export interface Model {
  readonly tokenizer: Tokenizer;
  /** float32, by their state-dict names. */
  readonly dvae: Weights;
  readonly dvaeConfig: DvaeConfig;
  /** float32, by their state-dict names. */
  readonly unifiedVoice: Weights;
  readonly config: UnifiedVoiceConfig;
  readonly settings: ModelSettings;
}

/** What suits a model and cannot be seen in its weights; kept in the metadata of its UnifiedVoice file. */
export interface ModelSettings {
  /** Learning rate of fine-tuning; default 5e-6, for the released model. */
  readonly learningRate?: number;
  /** Share of the input codes that fine-tuning replaces by random ones; default 0. */
  readonly corruption?: number;
  /** How codes are drawn; default TorToiSe's sampling. */
  readonly sampling?: SamplingOptions;
}

/** Metadata key of a UnifiedVoice file that holds `ModelSettings` as JSON. */
export const settingsKey = "hawksbill.settings";

/** The names of a model's files, wherever they are. */
export const modelFiles = {
  tokenizer: "tokenizer.json",
  dvae: "dvae.safetensors",
  unifiedVoice: "unified-voice.safetensors",
} as const;

/**
 * A model from the contents of its files. Its tensors are the caller's: `disposeModel` frees them.
 *
 * @param files By the keys of `modelFiles`.
 * @throws {CheckpointError} A file is damaged or of another kind, or the parts do not belong together.
 * @throws {TextError} The tokenizer's file is no tokenizer.
 */
export function loadModel(files: Readonly<Record<keyof typeof modelFiles, Uint8Array>>): Model {
  const tokenizer = tokenizerOf(files.tokenizer, modelFiles.tokenizer);
  const loaded: Weights[] = [];
  try {
    const { weights: dvae } = floatWeights(files.dvae, modelFiles.dvae);
    loaded.push(dvae);
    const { weights: unifiedVoice, metadata } = floatWeights(
      files.unifiedVoice,
      modelFiles.unifiedVoice,
    );
    loaded.push(unifiedVoice);
    return modelOf({ tokenizer, dvae, unifiedVoice, metadata });
  } catch (error) {
    disposeTree(loaded);
    throw error;
  }
}

/** What a model is made of. */
export interface ModelParts {
  readonly tokenizer: Tokenizer;
  readonly dvae: Weights;
  readonly unifiedVoice: Weights;
  /** Of the UnifiedVoice's file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What errors call the files; default those of `modelFiles`. */
  readonly names?: Readonly<Record<"dvae" | "unifiedVoice", string>>;
}

/**
 * A model of its parts, which are checked against one another.
 *
 * @throws {CheckpointError} They do not belong together.
 */
export function modelOf(parts: ModelParts): Model {
  const { tokenizer, dvae, unifiedVoice, metadata, names = modelFiles } = parts;
  const dvaeConfig = inferDvaeConfig(dvae, names.dvae);
  const config = inferConfig(unifiedVoice, { file: names.unifiedVoice });
  requireFit(tokenizer, dvaeConfig, config, names.unifiedVoice);
  const settings = parseSettings(metadata[settingsKey], names.unifiedVoice);
  return { tokenizer, dvae, dvaeConfig, unifiedVoice, config, settings };
}

/** Frees a model's tensors. */
export function disposeModel({ dvae, unifiedVoice }: Model): void {
  disposeTree([dvae, unifiedVoice]);
}

/** The tokenizer in a file. @param file What errors call it. */
export function tokenizerOf(bytes: Uint8Array, file: string): Tokenizer {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new CheckpointError(file, "is not JSON; give the model's tokenizer", { cause });
  }
  return Tokenizer.fromJSON(json);
}

function floatWeights(
  bytes: Uint8Array,
  name: string,
): { weights: Weights; metadata: Record<string, string> } {
  const { tensors, metadata } = decodeSafetensors(bytes.slice(), name);
  const weights = toFloat32(tensors);
  for (const [key, x] of Object.entries(tensors)) if (weights[key] !== x) x.dispose();
  return { weights, metadata };
}

function requireFit(
  tokenizer: Tokenizer,
  dvae: DvaeConfig,
  config: UnifiedVoiceConfig,
  file: string,
): void {
  if (dvae.tokens > config.startMelToken)
    throw new CheckpointError(
      file,
      `has ${config.startMelToken} mel codes, the dVAE ${dvae.tokens}; give the dVAE that it was trained with`,
    );
  if (tokenizer.vocabularySize > config.startTextToken)
    throw new CheckpointError(
      file,
      `has ${config.startTextToken} text tokens and one that starts a text, the tokenizer ${tokenizer.vocabularySize}; give the tokenizer that it was trained with`,
    );
}

function parseSettings(json: string | undefined, file: string): ModelSettings {
  if (json === undefined) return {};
  try {
    const { learningRate, corruption, sampling } = Object(JSON.parse(json)) as ModelSettings;
    return {
      ...(Number(learningRate) > 0 ? { learningRate: Number(learningRate) } : {}),
      ...(Number(corruption) >= 0 && Number(corruption) <= 1
        ? { corruption: Number(corruption) }
        : {}),
      ...(typeof sampling === "object" && sampling !== null ? { sampling } : {}),
    };
  } catch (cause) {
    throw new CheckpointError(
      file,
      `has metadata "${settingsKey}" that is not JSON; take it out or write it anew`,
      { cause },
    );
  }
}
