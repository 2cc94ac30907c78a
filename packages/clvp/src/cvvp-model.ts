import { expectShapes } from "@hawksbill/checkpoint";
import {
  embedding,
  linear,
  mean,
  ShapeError,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { attentionBlock, attentionBlockShapes, convolution } from "./attention-block.js";
import {
  type EncoderConfig,
  type EncoderPlace,
  encoder,
  encoderShapes,
  inferEncoder,
} from "./encoder.js";
import { normalise } from "./similarity.js";
import { lengthIn, namedWeight, type ShapeTable } from "./weights.js";

/** Sizes of a CVVP; the released one's are in parentheses. */
export interface CvvpConfig {
  /** Mel bands of the voice's clips (80). */
  readonly melBands: number;
  /** Codes that it knows (8192). */
  readonly speechTokens: number;
  /** Length of the latents that are compared (512). */
  readonly latentDim: number;
  /** (512 wide, 8 deep, 8 heads, 512 inside) */
  readonly conditioning: EncoderConfig;
  /** (The same.) */
  readonly speech: EncoderConfig;
}

const conditioningPlace: EncoderPlace = {
  name: "conditioning_transformer.transformer",
  wrapping: "",
};
const speechPlace: EncoderPlace = { name: "speech_transformer.transformer", wrapping: "" };

/** Names and shapes of all tensors, as in the state dict of the released cvvp.pth. */
export function cvvpShapes({
  melBands,
  speechTokens,
  latentDim,
  conditioning,
  speech,
}: CvvpConfig): ShapeTable {
  const narrow = Math.floor(conditioning.dim / 2);
  return {
    temperature: [],
    "cond_emb.0.weight": [narrow, melBands, 5],
    "cond_emb.0.bias": [narrow],
    "cond_emb.1.weight": [conditioning.dim, narrow, 3],
    "cond_emb.1.bias": [conditioning.dim],
    "speech_emb.emb.weight": [speechTokens, speech.dim],
    "to_conditioning_latent.weight": [latentDim, conditioning.dim],
    "to_speech_latent.weight": [latentDim, speech.dim],
    ...encoderShapes(conditioningPlace, conditioning),
    ...combinerShapes("conditioning_transformer.pre_combiner", conditioning.dim),
    ...encoderShapes(speechPlace, speech),
    ...combinerShapes("speech_transformer.pre_combiner", speech.dim),
  };
}

function combinerShapes(name: string, dim: number): ShapeTable {
  return {
    [`${name}.0.weight`]: [dim, dim, 1],
    [`${name}.0.bias`]: [dim],
    ...attentionBlockShapes(`${name}.1`, dim),
    [`${name}.2.weight`]: [dim, dim, 1],
    [`${name}.2.bias`]: [dim],
  };
}

/**
 * The sizes of a CVVP from the names and shapes of its weights, all of which are checked.
 *
 * @param file What errors call the weights; default "CVVP".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferCvvpConfig(weights: Weights, file = "CVVP"): CvvpConfig {
  const source = { file, model: "a CVVP" };
  const config = {
    melBands: lengthIn(weights, "cond_emb.0.weight", 1, source),
    speechTokens: lengthIn(weights, "speech_emb.emb.weight", 0, source),
    latentDim: lengthIn(weights, "to_speech_latent.weight", 0, source),
    conditioning: inferEncoder(weights, conditioningPlace, source),
    speech: inferEncoder(weights, speechPlace, source),
  };
  expectShapes(weights, cvvpShapes(config), file);
  return config;
}

/**
 * Whose voice a clip is, to be compared with speech.
 *
 * @param mel [batch, bands, frames], as for UnifiedVoice; TorToiSe's clips have 517 frames.
 * @returns Rows of length 1, [batch, latentDim].
 */
export function cvvpVoiceLatents(weights: Weights, mel: Tensor): Tensor {
  const { conditioning, melBands } = inferCvvpConfig(weights);
  if (mel.rank !== 3 || mel.shape[1] !== melBands)
    throw new ShapeError(
      `cvvpVoiceLatents: mel is [${mel.shape}]; give [batch, ${melBands}, frames]`,
    );
  const half = convolution(weights, "cond_emb.0", mel, { stride: 2, padding: 2 });
  const quarter = convolution(weights, "cond_emb.1", half, { stride: 2, padding: 1 });
  const x = encoder(weights, conditioningPlace, conditioning, transpose(quarter)); // [B, T, D]
  return collapsed(weights, "conditioning", x, conditioning);
}

/**
 * Whose voice speech is in, to be compared with clips.
 *
 * @param codes int32 [batch, codes].
 * @returns Rows of length 1, [batch, latentDim].
 */
export function cvvpSpeechLatents(weights: Weights, codes: Tensor): Tensor {
  const { speech } = inferCvvpConfig(weights);
  const x = embedding(namedWeight(weights, "speech_emb.emb.weight"), codes);
  return collapsed(weights, "speech", encoder(weights, speechPlace, speech, x), speech);
}

/** One row of all positions: once more attention, then their mean, projected. @param x [B, T, D]. */
function collapsed(
  weights: Weights,
  side: "conditioning" | "speech",
  x: Tensor,
  { heads }: EncoderConfig,
): Tensor {
  const name = `${side}_transformer.pre_combiner`;
  const before = convolution(weights, `${name}.0`, transpose(x)); // [B, D, T]
  const after = convolution(
    weights,
    `${name}.2`,
    attentionBlock(weights, `${name}.1`, before, heads),
  );
  return normalise(linear(mean(after, 2), namedWeight(weights, `to_${side}_latent.weight`)));
}
