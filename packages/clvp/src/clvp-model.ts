import { modelShapes, modelSizes } from "@hawksbill/checkpoint";
import { embedding, linear, mean, type Shape, type Tensor, type Weights } from "@hawksbill/core";
import { type EncoderPlace, encoder, type Rotation } from "./encoder.js";
import { namedWeight } from "./named-weight.js";
import { normalise } from "./similarity.js";

/** Sizes of a CLVP; the released one's are in parentheses. */
export interface ClvpConfig {
  /** Width of the text's transformer (768). */
  readonly dimText: number;
  /** Width of the speech's (768). */
  readonly dimSpeech: number;
  /** Length of the latents that are compared (768). */
  readonly dimLatent: number;
  /** Rows of the text embedding (256). */
  readonly numTextTokens: number;
  /** Codes that it knows (8192): start and stop token are none of them. */
  readonly numSpeechTokens: number;
  /** Pairs of attention and feed-forward (20). */
  readonly textEncDepth: number;
  /** (20) */
  readonly speechEncDepth: number;
  /** Attention heads, 64 wide each (12). */
  readonly textHeads: number;
  /** (12) */
  readonly speechHeads: number;
  /** Width inside the feed-forward (1536). */
  readonly textFf: number;
  /** (1536) */
  readonly speechFf: number;
}

const sizes = [
  "dimText",
  "dimSpeech",
  "dimLatent",
  "numTextTokens",
  "numSpeechTokens",
  "textEncDepth",
  "speechEncDepth",
  "textHeads",
  "speechHeads",
  "textFf",
  "speechFf",
] as const satisfies readonly (keyof ClvpConfig)[];

const textPlace: EncoderPlace = { name: "text_transformer.transformer", wrapping: "wrap." };
const speechPlace: EncoderPlace = { name: "speech_transformer.transformer", wrapping: "wrap." };

/** Names and shapes of all tensors, as in the state dict of the released clvp2.pth. */
export function clvpShapes(config: ClvpConfig): Record<string, Shape> {
  return modelShapes("clvp", config);
}

/**
 * The sizes of a CLVP from the names and shapes of its weights, all of which are checked.
 *
 * @param file What errors call the weights; default "CLVP".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferClvpConfig(weights: Weights, file = "CLVP"): ClvpConfig {
  return modelSizes("clvp", weights, sizes, file);
}

/**
 * What a text says, to be compared with speech.
 *
 * @param tokens int32 [batch, tokens]; TorToiSe's texts end with one stop token, 0.
 * @param rotation See `encoder`.
 * @returns Rows of length 1, [batch, dimLatent].
 */
export function clvpTextLatents(weights: Weights, tokens: Tensor, rotation?: Rotation): Tensor {
  const { textEncDepth: depth, textHeads: heads } = inferClvpConfig(weights);
  const x = embedding(namedWeight(weights, "text_emb.weight"), tokens); // [B, T, D]
  const encoded = encoder(weights, textPlace, { depth, heads }, x, rotation);
  return latents(weights, "to_text_latent", encoded);
}

/**
 * What speech says, to be compared with text. All positions count, the silence behind the words too.
 *
 * @param codes int32 [batch, codes].
 * @returns Rows of length 1, [batch, dimLatent].
 */
export function clvpSpeechLatents(weights: Weights, codes: Tensor): Tensor {
  const { speechEncDepth: depth, speechHeads: heads } = inferClvpConfig(weights);
  const x = embedding(namedWeight(weights, "speech_emb.weight"), codes);
  return latents(weights, "to_speech_latent", encoder(weights, speechPlace, { depth, heads }, x));
}

/** The mean over positions, projected. @param x [batch, positions, dim]. */
function latents(weights: Weights, name: string, x: Tensor): Tensor {
  return normalise(linear(mean(x, 1), namedWeight(weights, `${name}.weight`)));
}
