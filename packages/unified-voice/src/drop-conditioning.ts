import { type Random, tensor } from "@hawksbill/core";
import type { Batch } from "./batch.js";

/**
 * Hides the voice from some clips of a batch: zeros stand in its place, so that the weights themselves learn the voice.
 *
 * @param options.share Of the clips, on average, 0 to 1.
 * @returns The batch with its own tensors, and one more.
 */
export function dropConditioning(
  batch: Batch,
  { share, random }: { readonly share: number; readonly random: Random },
): Batch {
  if (!(share >= 0 && share <= 1))
    throw new RangeError(`dropConditioning: share is ${share}; give 0 to 1`);
  const [clips = 0] = batch.conditioning.shape;
  const voiceKept = Float32Array.from({ length: clips }, () => (random.next() < share ? 0 : 1));
  return { ...batch, voiceKept: tensor(voiceKept) };
}
