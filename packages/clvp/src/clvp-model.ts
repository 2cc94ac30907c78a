import { expectShapes } from "@hawksbill/checkpoint";
import { embedding, linear, mean, type Tensor, type Weights } from "@hawksbill/core";
import {
  type EncoderConfig,
  type EncoderPlace,
  encoder,
  encoderShapes,
  inferEncoder,
} from "./encoder.js";
import { normalise } from "./similarity.js";
import { lengthIn, namedWeight, type ShapeTable } from "./weights.js";

/** Sizes of a CLVP; the released one's are in parentheses. */
export interface ClvpConfig {
  /** Rows of the text embedding (256). */
  readonly textTokens: number;
  /** Codes that it knows (8192): start and stop token are none of them. */
  readonly speechTokens: number;
  /** Length of the latents that are compared (768). */
  readonly latentDim: number;
  /** (768 wide, 20 deep, 12 heads, 1536 inside) */
  readonly text: EncoderConfig;
  /** (The same.) */
  readonly speech: EncoderConfig;
}

const textPlace: EncoderPlace = { name: "text_transformer.transformer", wrapping: "wrap." };
const speechPlace: EncoderPlace = { name: "speech_transformer.transformer", wrapping: "wrap." };

/** Names and shapes of all tensors, as in the state dict of the released clvp2.pth. */
export function clvpShapes({
  textTokens,
  speechTokens,
  latentDim,
  text,
  speech,
}: ClvpConfig): ShapeTable {
  return {
    temperature: [],
    "text_emb.weight": [textTokens, text.dim],
    "to_text_latent.weight": [latentDim, text.dim],
    "speech_emb.weight": [speechTokens, speech.dim],
    "to_speech_latent.weight": [latentDim, speech.dim],
    ...encoderShapes(textPlace, text),
    ...encoderShapes(speechPlace, speech),
  };
}

/**
 * The sizes of a CLVP from the names and shapes of its weights, all of which are checked.
 *
 * @param file What errors call the weights; default "CLVP".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferClvpConfig(weights: Weights, file = "CLVP"): ClvpConfig {
  const source = { file, model: "a CLVP" };
  const config = {
    textTokens: lengthIn(weights, "text_emb.weight", 0, source),
    speechTokens: lengthIn(weights, "speech_emb.weight", 0, source),
    latentDim: lengthIn(weights, "to_text_latent.weight", 0, source),
    text: inferEncoder(weights, textPlace, source),
    speech: inferEncoder(weights, speechPlace, source),
  };
  expectShapes(weights, clvpShapes(config), file);
  return config;
}

/**
 * What a text says, to be compared with speech.
 *
 * @param tokens int32 [batch, tokens]; TorToiSe's texts end with one stop token, 0.
 * @returns Rows of length 1, [batch, latentDim].
 */
export function clvpTextLatents(weights: Weights, tokens: Tensor): Tensor {
  const { text } = inferClvpConfig(weights);
  const x = embedding(namedWeight(weights, "text_emb.weight"), tokens); // [B, T, D]
  return latents(weights, "to_text_latent", encoder(weights, textPlace, text, x));
}

/**
 * What speech says, to be compared with text. All positions count, the silence behind the words too.
 *
 * @param codes int32 [batch, codes].
 * @returns Rows of length 1, [batch, latentDim].
 */
export function clvpSpeechLatents(weights: Weights, codes: Tensor): Tensor {
  const { speech } = inferClvpConfig(weights);
  const x = embedding(namedWeight(weights, "speech_emb.weight"), codes);
  return latents(weights, "to_speech_latent", encoder(weights, speechPlace, speech, x));
}

/** The mean over positions, projected. @param x [batch, positions, dim]. */
function latents(weights: Weights, name: string, x: Tensor): Tensor {
  return normalise(linear(mean(x, 1), namedWeight(weights, `${name}.weight`)));
}
