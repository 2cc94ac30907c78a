import type { Weights } from "@hawksbill/core";
import { adamCoefficients, adamDefaults } from "./adam-coefficients.js";
import type { AdamWOptions } from "./adamw.js";
import { type HostStep8bit, hostStep8bit } from "./adamw-8bit-host-step.js";
import { hostOptimizer } from "./host-optimizer.js";
import type { Optimizer } from "./optimizer.js";
import { requireBetas } from "./require-betas.js";

/** Numbers that share a scale. */
const blockSize = 256;

/**
 * AdamW whose state takes 2.03 bytes a weight instead of 8: both means are kept as 8-bit codes, in
 * blocks of 256 with a scale each. A step computes in full precision; only what is kept is rounded,
 * up or down by chance so that nothing is lost in the mean.
 *
 * The mean square is kept as its root, which needs half the range, and never rounded to 0: no step
 * divides by a number that has vanished.
 *
 * @param weights float32, on the host. Their values are not kept: only names and shapes.
 * @throws {RangeError} A beta is not in [0, 1).
 * @throws {TrainingError} A weight is in no group or in two, or a group names a weight that is not there.
 * @see Dettmers et al., "8-bit Optimizers via Block-wise Quantization", 2022.
 */
export function adamW8bit(weights: Weights, options: AdamWOptions = {}): Optimizer {
  const { learningRate = 1e-3, weightDecay = 0.01, groups } = options;
  const { betas = adamDefaults.betas, epsilon = adamDefaults.epsilon } = options;
  requireBetas("adamW8bit", betas);
  let move: HostStep8bit | undefined;
  return hostOptimizer(weights, {
    name: "adamW8bit",
    learningRate,
    weightDecay,
    groups,
    begin(size) {
      const blocks = Math.ceil(size / blockSize);
      return {
        m: new Uint8Array(size),
        mScale: new Float32Array(blocks),
        rootV: new Uint8Array(size),
        rootVScale: new Float32Array(blocks),
      };
    },
    update(w, g, state, settings) {
      move ??= hostStep8bit();
      const seed = 2 * settings.step * state.mScale.length;
      move(w, g, state, { ...adamCoefficients({ betas, epsilon }, settings), seed });
    },
  });
}
