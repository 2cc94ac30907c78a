import type { Weights } from "@hawksbill/core";
import { type AdamCoefficients, adamCoefficients } from "./adam-coefficients.js";
import type { AdamWOptions } from "./adamw.js";
import { BlockCode, blockSize } from "./block-code.js";
import { hostOptimizer } from "./host-optimizer.js";
import type { Optimizer } from "./optimizer.js";

/**
 * AdamW whose state takes 2.03 bytes a weight instead of 8: both means are kept as 8-bit codes, in
 * blocks of 256 with a scale each. A step computes in full precision; only what is kept is rounded,
 * up or down by chance so that nothing is lost in the mean.
 *
 * The mean square is kept as its root, which needs half the range, and never rounded to 0: no step
 * divides by a number that has vanished.
 *
 * @param weights float32, on the host. Their values are not kept: only names and shapes.
 * @throws {TrainingError} A weight is in no group or in two, or a group names a weight that is not there.
 * @see Dettmers et al., "8-bit Optimizers via Block-wise Quantization", 2022.
 */
export function adamW8bit(weights: Weights, options: AdamWOptions = {}): Optimizer {
  const { learningRate = 1e-3, weightDecay = 0.01, groups } = options;
  const meanCode = new BlockCode("signed");
  const rootCode = new BlockCode("positive");
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
    update(w, g, { m, mScale, rootV, rootVScale }, settings) {
      const coefficients = adamCoefficients(options, settings);
      const blocks = mScale.length;
      for (let block = 0; block < blocks; block++) {
        const start = block * blockSize;
        const count = Math.min(blockSize, w.length - start);
        const mean = { code: meanCode, codes: m, scale: mScale[block] as number };
        const root = { code: rootCode, codes: rootV, scale: rootVScale[block] as number };
        updateBlock(w, g, mean, root, start, count, coefficients);
        const seed = 2 * (settings.step * blocks + block);
        mScale[block] = meanCode.encode(count, m, start, seed);
        rootVScale[block] = rootCode.encode(count, rootV, start, seed + 1);
      }
    },
  });
}

/** One moment of a block. */
interface CodedBlock {
  readonly code: BlockCode;
  readonly codes: Uint8Array;
  readonly scale: number;
}

/** Moves the weights of a block; their new moments are left in the codes' `block`s, to be encoded. */
function updateBlock(
  w: Float32Array,
  g: Float32Array,
  mean: CodedBlock,
  root: CodedBlock,
  start: number,
  count: number,
  { gradientScale, beta1, beta2, epsilon, decay, stepSize, rootScale }: AdamCoefficients,
): void {
  const { values: means, block: newMeans } = mean.code;
  const { values: roots, block: newRoots } = root.code;
  const { codes: m } = mean;
  const { codes: rootV } = root;
  const keptMean = beta1 * mean.scale;
  const keptSquare = beta2 * root.scale ** 2;
  for (let i = 0; i < count; i++) {
    const d = gradientScale * (g[start + i] as number);
    const oldRoot = roots[rootV[start + i] as number] as number;
    const newMean = keptMean * (means[m[start + i] as number] as number) + (1 - beta1) * d;
    const newRoot = Math.sqrt(keptSquare * oldRoot * oldRoot + (1 - beta2) * d * d);
    newMeans[i] = newMean;
    newRoots[i] = newRoot;
    const old = w[start + i] as number;
    w[start + i] = old - (decay * old + (stepSize * newMean) / (rootScale * newRoot + epsilon));
  }
}
