import { full, tensor, type Weights } from "@hawksbill/core";

/**
 * The buffers that GPT-2 of transformers up to 4.29.2 has in its state dict: which earlier positions each may
 * attend to, and the number that stands for "none". All blocks share the two tensors.
 *
 * @param positions Rows of both position tables together.
 */
export function maskBuffers(layers: number, positions: number): Weights {
  const mask = new Uint8Array(positions ** 2);
  for (let row = 0; row < positions; row++)
    mask.fill(1, row * positions, row * positions + row + 1);
  const bias = tensor(mask, { shape: [1, 1, positions, positions], dtype: "bool" }); // [1, 1, to, from]
  const maskedBias = full([], -1e4);
  const buffers: Record<string, typeof bias> = {};
  for (let i = 0; i < layers; i++) {
    buffers[`gpt.h.${i}.attn.bias`] = bias;
    buffers[`gpt.h.${i}.attn.masked_bias`] = maskedBias;
  }
  return buffers;
}
