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
  const tokenizer = Tokenizer.fromJSON(parseJson(files.tokenizer));
  const dvae = floatWeights(files.dvae, modelFiles.dvae);
  const unifiedVoice = floatWeights(files.unifiedVoice, modelFiles.unifiedVoice);
  const dvaeConfig = inferDvaeConfig(dvae.weights);
  const config = inferConfig(unifiedVoice.weights);
  requireFit(tokenizer, dvaeConfig, config);
  return {
    tokenizer,
    dvae: dvae.weights,
    dvaeConfig,
    unifiedVoice: unifiedVoice.weights,
    config,
    settings: parseSettings(unifiedVoice.metadata[settingsKey]),
  };
}

/** Frees a model's tensors. */
export function disposeModel({ dvae, unifiedVoice }: Model): void {
  disposeTree([dvae, unifiedVoice]);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new CheckpointError(modelFiles.tokenizer, "is not JSON; give the model's tokenizer", {
      cause,
    });
  }
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

function requireFit(tokenizer: Tokenizer, dvae: DvaeConfig, config: UnifiedVoiceConfig): void {
  const { unifiedVoice: file } = modelFiles;
  if (dvae.tokens > config.startMelToken)
    throw new CheckpointError(
      file,
      `has ${config.startMelToken} mel codes, the dVAE ${dvae.tokens}; give the dVAE that it was trained with`,
    );
  if (tokenizer.vocabularySize > config.textTokens)
    throw new CheckpointError(
      file,
      `has ${config.textTokens} text tokens, the tokenizer ${tokenizer.vocabularySize}; give the tokenizer that it was trained with`,
    );
}

function parseSettings(json: string | undefined): ModelSettings {
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
      modelFiles.unifiedVoice,
      `has metadata "${settingsKey}" that is not JSON; take it out or write it anew`,
      { cause },
    );
  }
}
