import { full, type Random, type Tensor, zeros } from "@hawksbill/core";
import { type UnifiedVoiceConfig, weightShapes } from "./config.js";

/** Standard deviation of a fresh GPT-2's weights. */
const spread = 0.02;

/**
 * Weights to train from nothing, as GPT-2 begins: normal with a deviation of 0.02, what a block adds to
 * the sum smaller by √(2 · layers), biases 0, norms 1. Each tensor's numbers depend on its name and the seed alone.
 */
export function initialise(config: UnifiedVoiceConfig, random: Random): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(weightShapes(config)).map(([name, shape]) => {
      if (name.endsWith(".bias")) return [name, zeros(shape)];
      if (shape.length === 1) return [name, full(shape, 1)];
      const deviation = name.endsWith(".c_proj.weight")
        ? spread / Math.sqrt(2 * config.layers)
        : spread;
      const weight = random.fork(name).normal(shape);
      const data = weight.dataSync() as Float32Array;
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * deviation;
      return [name, weight];
    }),
  );
}
