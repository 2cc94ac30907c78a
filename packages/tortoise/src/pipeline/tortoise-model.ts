import { CheckpointError, expectShapes } from "@hawksbill/checkpoint";
import { inferClvpConfig, inferCvvpConfig } from "@hawksbill/clvp";
import { subtree, type Weights } from "@hawksbill/core";
import { type DiffusionConfig, inferDiffusionConfig } from "@hawksbill/diffusion";
import type { Tokenizer } from "@hawksbill/text";
import {
  importStateDict,
  inferConfig,
  randomLatentShapes,
  type UnifiedVoiceConfig,
} from "@hawksbill/unified-voice";
import { inferHifiganConfig, inferUnivnetConfig } from "@hawksbill/vocoder";
import { TortoiseError } from "../tortoise-error.js";
import { neededParts, type TortoisePart, tortoiseFiles } from "./tortoise-files.js";

type NeededPart = (typeof neededParts)[number];

/** Weights of TorToiSe's networks, named as in their files. */
export type TortoiseWeights = Readonly<Record<NeededPart, Weights>> &
  Readonly<Partial<Record<TortoisePart, Weights>>>;

/** TorToiSe as its author built it: what `speak` makes 24 kHz speech with. */
export interface TortoiseModel {
  readonly kind: "tortoise";
  readonly tokenizer: Tokenizer;
  /** They may still lie in their files. */
  readonly weights: TortoiseWeights;
  readonly config: UnifiedVoiceConfig;
  readonly diffusionConfig: DiffusionConfig;
  readonly settings: TortoiseSettings;
}

/** What the weights do not tell. */
export interface TortoiseSettings {
  /** What silence is to the dVAE that the codes are of. */
  readonly silence: Silence;
  /**
   * Whether the text ends with a stop token even before UnifiedVoice adds its own, as TorToiSe's front end has it.
   * False suits models that were fine-tuned without it.
   */
  readonly extraStop: boolean;
}

/** Codes of silence. */
export interface Silence {
  /** What fills a candidate behind its words. */
  readonly calm: number;
  /** What its last codes are then. */
  readonly ending: readonly number[];
}

/** Those of the released models. */
const releasedSettings: TortoiseSettings = {
  silence: { calm: 83, ending: [45, 45, 248] },
  extraStop: true,
};

/** Options of `tortoiseModel` and `openTortoise`. */
export interface TortoiseModelOptions {
  /** Default those of the released models. */
  readonly settings?: Partial<TortoiseSettings>;
  /** Attention heads of UnifiedVoice; default one for every 64 channels, as the released model has. */
  readonly heads?: number;
}

/**
 * A model of its parts' weights, which are checked against one another and stay the caller's.
 *
 * @param weights As their files have them: `autoregressive` in any layout of UnifiedVoice, `vocoder` with its
 *   `model_g.` or without it.
 * @throws {CheckpointError} Weights are not of their part, or do not belong together.
 * @throws {TortoiseError} A part is missing that no speech can be made without.
 */
export function tortoiseModel(
  tokenizer: Tokenizer,
  weights: Readonly<Partial<Record<TortoisePart, Weights>>>,
  options: TortoiseModelOptions = {},
): TortoiseModel {
  for (const part of neededParts)
    if (!weights[part]) throw new TortoiseError(`tortoiseModel: ${missing(part)}`);
  const given = weights as TortoiseWeights;
  const { name: file } = tortoiseFiles.autoregressive;
  const autoregressive = importStateDict(given.autoregressive, file).weights;
  const model: TortoiseModel = {
    kind: "tortoise",
    tokenizer,
    weights: { ...given, autoregressive, vocoder: generator(given.vocoder) },
    config: inferConfig(autoregressive, {
      file,
      ...(options.heads === undefined ? {} : { heads: options.heads }),
    }),
    diffusionConfig: inferDiffusionConfig(given.diffusion, tortoiseFiles.diffusion.name),
    settings: { ...releasedSettings, ...options.settings },
  };
  requireFit(model);
  return model;
}

/** That a part is missing, where to get it, and how. */
export function missing(part: TortoisePart): string {
  const { name, holds, get } = tortoiseFiles[part];
  return `the model lacks ${name} (${holds}); ${get}`;
}

/** In vocoder.pth, what the vocoder was trained with lies beside it. */
export function generator(weights: Weights): Weights {
  const inside = subtree(weights, "model_g");
  return Object.keys(inside).length > 0 ? inside : weights;
}

/** @throws {CheckpointError} A size of one part is not that of another. */
function requireFit({
  tokenizer,
  config,
  diffusionConfig,
  settings: { silence },
  weights,
}: TortoiseModel): void {
  const { modelDim, startMelToken: codes } = config;
  const equal = (part: TortoisePart, what: string, got: number, wanted: number): void => {
    if (got !== wanted) throw misfit(part, `has ${got} ${what}, expected ${wanted}`);
  };
  const enough = (part: TortoisePart, what: string, got: number, wanted: number): void => {
    if (got < wanted) throw misfit(part, `has ${got} ${what}, expected ${wanted} or more`);
  };
  enough("autoregressive", "text tokens", config.startTextToken, tokenizer.vocabularySize);
  const quiet = Math.max(silence.calm, ...silence.ending);
  if (quiet >= codes)
    throw misfit("autoregressive", `has ${codes} codes, silence is to be code ${quiet}`);
  equal("diffusion", "channels of latents", diffusionConfig.latentChannels, modelDim);
  const { vocoder, clvp, cvvp, hifiganDecoder, randomAutoregressive, randomDiffusion } = weights;
  const { bands } = inferUnivnetConfig(vocoder, { file: tortoiseFiles.vocoder.name });
  equal("vocoder", "mel bands", bands, diffusionConfig.bands);
  if (clvp) {
    const judge = inferClvpConfig(clvp);
    enough("clvp", "codes", judge.numSpeechTokens, codes);
    enough("clvp", "text tokens", judge.numTextTokens, tokenizer.vocabularySize);
  }
  if (cvvp) enough("cvvp", "codes", inferCvvpConfig(cvvp).melCodes, codes);
  if (hifiganDecoder) {
    const fast = inferHifiganConfig(hifiganDecoder, { file: tortoiseFiles.hifiganDecoder.name });
    equal("hifiganDecoder", "channels of latents", fast.latentDim, modelDim);
    equal("hifiganDecoder", "numbers of a voice", fast.speakerDim, modelDim);
  }
  if (randomAutoregressive) converter("randomAutoregressive", randomAutoregressive, modelDim);
  if (randomDiffusion)
    converter("randomDiffusion", randomDiffusion, 2 * diffusionConfig.modelChannels);
}

function converter(part: TortoisePart, weights: Weights, channels: number): void {
  expectShapes(weights, randomLatentShapes(channels), tortoiseFiles[part].name);
}

function misfit(part: TortoisePart, problem: string): CheckpointError {
  return new CheckpointError(
    tortoiseFiles[part].name,
    `${problem}; give files that belong together`,
  );
}
