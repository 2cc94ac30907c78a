import { mean, reshape, ShapeError, type Tensor, type Weights } from "@hawksbill/core";
import { attentionBlocks } from "./attention-block.js";
import { blockCounts } from "./config.js";
import { convolution, namedWeight } from "./layers.js";

/**
 * What a clip says about the voice at each point of time: as many vectors as a quarter of its frames.
 *
 * @param mel [clips, bands, frames], the natural log, not normalised.
 * @returns [clips, 2 · channels, ⌈⌈frames / 2⌉ / 2⌉].
 */
export function contextualEmbedder(weights: Weights, mel: Tensor): Tensor {
  const [, bands] = namedWeight(weights, "contextual_embedder.0.weight").shape;
  if (mel.rank !== 3 || mel.shape[1] !== bands)
    throw new ShapeError(
      `contextualEmbedder: mel is [${mel.shape}]; give [clips, ${bands}, frames]`,
    );
  const half = convolution(weights, "contextual_embedder.0", mel, 2);
  const quarter = convolution(weights, "contextual_embedder.1", half, 2); // No activation between.
  const blocks = [2, blockCounts.contextualEmbedder] as const;
  return attentionBlocks(weights, "contextual_embedder", quarter, blocks);
}

/**
 * The voice of each item: the mean over all clips and their time. Each clip is heard by itself, and padding
 * would change it: cut the clips to one length.
 *
 * @param mels [batch, clips, bands, frames], the natural log, not normalised.
 * @returns [batch, 2 · channels].
 */
export function conditioningLatent(weights: Weights, mels: Tensor): Tensor {
  if (mels.rank !== 4)
    throw new ShapeError(
      `conditioningLatent: mels are [${mels.shape}]; give [batch, clips, bands, frames]`,
    );
  const [B = 1, clips = 1, bands = 1, frames = 1] = mels.shape;
  const heard = contextualEmbedder(weights, reshape(mels, [B * clips, bands, frames]));
  return mean(mean(reshape(heard, [B, clips, -1, heard.shape[2] ?? 1]), 3), 1);
}
