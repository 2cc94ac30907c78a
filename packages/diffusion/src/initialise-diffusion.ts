import { full, type Random, type Tensor, type Weights, zeros } from "@hawksbill/core";
import { type DiffusionConfig, diffusionShapes, positionTable } from "./config.js";

/**
 * Weights to train from nothing: convolutions and matrices as PyTorch makes them (uniform within
 * 1 / √inputs), tables and embeddings normal, norms 1 and 0. What ends a branch begins with 0, so that
 * at first each block passes on what it gets. Each tensor's numbers depend on its name and the seed alone.
 */
export function initialiseDiffusion(config: DiffusionConfig, random: Random): Weights {
  const shapes = diffusionShapes(config);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, Tensor] => {
      const own = random.fork(name);
      if (name.endsWith(positionTable) || name === "code_embedding.weight")
        return [name, own.normal(shape)];
      if (name === "unconditioned_embedding") return [name, own.normal(shape)];
      const layer = name.slice(0, name.lastIndexOf("."));
      const weight = shapes[`${layer}.weight`] ?? [];
      if (weight.length === 1) return [name, full(shape, name.endsWith(".weight") ? 1 : 0)];
      if (/(^out\.2|out_layers\.3|proj_out)$/.test(layer)) return [name, zeros(shape)];
      const [, inputs = 1, kernel = 1] = weight;
      return [name, own.uniformWithin(shape, 1 / Math.sqrt(inputs * kernel))];
    }),
  );
}
