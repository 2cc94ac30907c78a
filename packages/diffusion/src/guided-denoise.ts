import { add, concat, mul, slice, split, sub, type Tensor, type Weights } from "@hawksbill/core";
import { type DenoiseInputs, denoise } from "./denoise.js";

/**
 * `denoise` with classifier-free guidance (Ho and Salimans, 2022): away from what the model says without
 * speech and voice. Both are asked at once.
 *
 * @param x [1, bands, frames].
 * @param inputs.speech [2, channels, frames]: `alignedEmbedding`, then `unconditionedEmbedding`. Or the
 *   first alone: then there is no guidance.
 * @param inputs.guidance How far: 0 not at all. [1].
 * @returns [1, 2 · bands, frames]; the variance is as without guidance.
 */
export function guidedDenoise(
  weights: Weights,
  x: Tensor,
  { guidance, ...inputs }: DenoiseInputs & { readonly guidance: Tensor },
): Tensor {
  const said = denoise(weights, x, inputs);
  if (inputs.speech.shape[0] === 1) return said;
  const [told, untold] = split(said, 2, 0) as [Tensor, Tensor];
  const [noise, variance] = split(told, 2, 1) as [Tensor, Tensor];
  const away = sub(noise, slice(untold, { axis: 1, end: noise.shape[1] ?? 0 }));
  return concat([add(noise, mul(away, guidance)), variance], 1);
}
