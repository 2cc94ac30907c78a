import { silu, stack, type Tensor, tensor, type Weights } from "@hawksbill/core";
import { blockCounts, layerCount } from "./config.js";
import { fullyConnected } from "./layers.js";

/**
 * Waves by which the model is told the timestep: cosines, then sines, from one radian a step to 1/10,000.
 *
 * Made here and not in a program: of an angle of thousands of radians GPUs give no exact cosine.
 *
 * @param timesteps Of the trained schedule, not of a respaced one.
 * @param channels The model's width.
 * @returns [timesteps, channels]. Its maker disposes of it.
 */
export function timestepFeatures(timesteps: ArrayLike<number>, channels: number): Tensor {
  const half = channels / 2;
  const features = new Float32Array(timesteps.length * channels);
  // Rounded to float32 after each operation, as PyTorch does: an angle of 3999 has an error of 1e-4.
  const f = Math.fround;
  const period = f(-Math.log(10_000));
  for (let j = 0; j < half; j++) {
    const frequency = f(Math.exp(f(f(period * j) / half)));
    for (let i = 0; i < timesteps.length; i++) {
      const angle = f((timesteps[i] as number) * frequency);
      features[i * channels + j] = Math.cos(angle);
      features[i * channels + half + j] = Math.sin(angle);
    }
  }
  return tensor(features, { shape: [timesteps.length, channels] });
}

/** The residual blocks in the order in which they are run. */
export function residualBlockNames(weights: Weights): string[] {
  const { timestepIntegrator, lastLayers } = blockCounts;
  const layers = layerCount(weights);
  const numbered = (part: string, first: number, count: number, rest: string): string[] =>
    Array.from({ length: count }, (_, i) => `${part}.${first + i}${rest}`);
  return [
    ...numbered("conditioning_timestep_integrator", 0, timestepIntegrator, ".resblk"),
    ...numbered("layers", 0, layers, ".resblk"),
    ...numbered("layers", layers, lastLayers, ""),
  ];
}

/**
 * All that timesteps do to the model: the scale and shift of each residual block.
 *
 * @param features `timestepFeatures`, [timesteps, channels].
 * @returns [timesteps, blocks, 2 · channels].
 */
export function modulations(weights: Weights, features: Tensor): Tensor {
  const hidden = silu(fullyConnected(weights, "time_embed.0", features));
  const time = silu(fullyConnected(weights, "time_embed.2", hidden));
  const blocks = residualBlockNames(weights).map((name) =>
    fullyConnected(weights, `${name}.emb_layers.1`, time),
  );
  return stack(blocks, 1);
}
