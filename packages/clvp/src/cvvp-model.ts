import { modelShapes, modelSizes } from "@hawksbill/checkpoint";
import {
  embedding,
  linear,
  mean,
  type Shape,
  ShapeError,
  type Tensor,
  transpose,
  type Weights,
} from "@hawksbill/core";
import { attentionBlock, convolution } from "./attention-block.js";
import { type EncoderPlace, encoder } from "./encoder.js";
import { namedWeight } from "./named-weight.js";
import { normalise } from "./similarity.js";

/** Sizes of a CVVP; the released one's are in parentheses. */
export interface CvvpConfig {
  /** Width of both transformers (512). */
  readonly modelDim: number;
  /** Length of the latents that are compared (512). */
  readonly latentDim: number;
  /** Mel bands of the voice's clips (80). */
  readonly melBands: number;
  /** Codes that it knows (8192). */
  readonly melCodes: number;
  /** Pairs of attention and feed-forward (8). */
  readonly conditioningEncDepth: number;
  /** (8) */
  readonly speechEncDepth: number;
  /** Attention heads, 64 wide each (8). */
  readonly conditioningHeads: number;
  /** (8) */
  readonly speechHeads: number;
  /** Width inside the feed-forward (512). */
  readonly conditioningFf: number;
  /** (512) */
  readonly speechFf: number;
}

const sizes = [
  "modelDim",
  "latentDim",
  "melBands",
  "melCodes",
  "conditioningEncDepth",
  "speechEncDepth",
  "conditioningHeads",
  "speechHeads",
  "conditioningFf",
  "speechFf",
] as const satisfies readonly (keyof CvvpConfig)[];

/** Names and shapes of all tensors, as in the state dict of the released cvvp.pth. */
export function cvvpShapes(config: CvvpConfig): Record<string, Shape> {
  return modelShapes("cvvp", config);
}

/**
 * The sizes of a CVVP from the names and shapes of its weights, all of which are checked.
 *
 * @param file What errors call the weights; default "CVVP".
 * @throws {CheckpointError} A tensor is missing or has another shape than the others ask for.
 */
export function inferCvvpConfig(weights: Weights, file = "CVVP"): CvvpConfig {
  return modelSizes("cvvp", weights, sizes, file);
}

/**
 * Whose voice a clip is, to be compared with speech.
 *
 * @param mel [batch, bands, frames], as for UnifiedVoice; TorToiSe's clips have 517 frames.
 * @returns Rows of length 1, [batch, latentDim].
 */
export function cvvpVoiceLatents(weights: Weights, mel: Tensor): Tensor {
  const config = inferCvvpConfig(weights);
  const { melBands, conditioningEncDepth: depth, conditioningHeads: heads } = config;
  if (mel.rank !== 3 || mel.shape[1] !== melBands)
    throw new ShapeError(
      `cvvpVoiceLatents: mel is [${mel.shape}]; give [batch, ${melBands}, frames]`,
    );
  const half = convolution(weights, "cond_emb.0", mel, { stride: 2, padding: 2 });
  const quarter = convolution(weights, "cond_emb.1", half, { stride: 2, padding: 1 });
  return collapsed(weights, "conditioning", transpose(quarter), { depth, heads });
}

/**
 * Whose voice speech is in, to be compared with clips.
 *
 * @param codes int32 [batch, codes].
 * @returns Rows of length 1, [batch, latentDim].
 */
export function cvvpSpeechLatents(weights: Weights, codes: Tensor): Tensor {
  const { speechEncDepth: depth, speechHeads: heads } = inferCvvpConfig(weights);
  const x = embedding(namedWeight(weights, "speech_emb.emb.weight"), codes);
  return collapsed(weights, "speech", x, { depth, heads });
}

/** One row of all positions: a transformer, once more attention, then their mean, projected. @param x [B, T, D]. */
function collapsed(
  weights: Weights,
  side: "conditioning" | "speech",
  x: Tensor,
  size: { readonly depth: number; readonly heads: number },
): Tensor {
  const place: EncoderPlace = { name: `${side}_transformer.transformer`, wrapping: "" };
  const name = `${side}_transformer.pre_combiner`;
  const encoded = transpose(encoder(weights, place, size, x)); // [B, D, T]
  const before = convolution(weights, `${name}.0`, encoded);
  const heard = attentionBlock(weights, `${name}.1`, before, size.heads);
  const after = convolution(weights, `${name}.2`, heard);
  return normalise(linear(mean(after, 2), namedWeight(weights, `to_${side}_latent.weight`)));
}
