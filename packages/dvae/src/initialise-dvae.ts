import { type Random, type Tensor, type Weights, zeros } from "@hawksbill/core";
import { type DvaeConfig, dvaeShapes } from "./config.js";

/**
 * Weights to train from: convolutions as PyTorch makes them (uniform within 1 / √(inputs · kernel)),
 * codes from a normal distribution.
 *
 * The codebook counts as never used, so the first `updateCodebook` replaces it by means of what the
 * encoder gives, and with `restart` also the codes that nothing was near to.
 */
export function initialiseDvae(config: DvaeConfig, random: Random): Weights {
  const shapes = dvaeShapes(config);
  const weights: Record<string, Tensor> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const own = random.fork(name); // A tensor's numbers depend on its name and the seed alone.
    if (name === "codebook.embed") weights[name] = own.normal(shape);
    else if (name.startsWith("codebook.")) weights[name] = zeros(shape);
    else {
      const [, inputs = 1, kernel = 1] = shapes[name.replace(/bias$/, "weight")] ?? [];
      weights[name] = own.uniformWithin(shape, 1 / Math.sqrt(inputs * kernel));
    }
  }
  return weights;
}
