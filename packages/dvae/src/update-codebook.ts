import {
  NonFiniteError,
  type Random,
  ShapeError,
  type Tensor,
  tensor,
  toNumbers,
  type Weights,
} from "@hawksbill/core";

export interface CodebookOptions {
  /** Share of the old averages that stays at each step; default 0.99. */
  readonly decay?: number;
  /** Added to each cluster's size (Laplace smoothing), so that none is 0; default 1e-5. */
  readonly epsilon?: number;
  /** How many vectors count in each item of the batch; default all. */
  readonly codeCounts?: ArrayLike<number> | undefined;
  /** Move codes that are hardly used to where vectors are; default no. */
  readonly restart?: RestartOptions | undefined;
}

export interface RestartOptions {
  /** Chooses among the vectors of the batch. */
  readonly random: Random;
  /** A code whose cluster is smaller than this share of the mean cluster is dead; default 0.03. */
  readonly below?: number;
}

/**
 * The codebook after a training step: each code follows the mean of the vectors that chose it, by an
 * exponential moving average of their sum and count (van den Oord et al. 2017, appendix A.1).
 *
 * @param weights Hold `codebook.embed`, `codebook.cluster_size` and `codebook.embed_avg`, on the host.
 * @param step What `dvaeLosses` gave, on the host: encoded [batch, codebookDim, codes], codes [batch, codes].
 * @returns New tensors by those three names, and the number of codes restarted.
 * @throws {ShapeError} The step is not of this codebook.
 * @throws {NonFiniteError} A vector that counts has a number that is NaN or infinite.
 */
export function updateCodebook(
  weights: Weights,
  step: { readonly encoded: Tensor; readonly codes: Tensor },
  options: CodebookOptions = {},
): { readonly codebook: Weights; readonly restarted: number } {
  const { decay = 0.99, epsilon = 1e-5, codeCounts, restart } = options;
  const [D = 0, K = 0] = weights["codebook.embed"]?.shape ?? [];
  const [B = 0, dim, N = 0] = step.encoded.shape;
  if (dim !== D || step.codes.size !== B * N)
    throw new ShapeError(
      `updateCodebook: vectors [${step.encoded.shape}] and codes [${step.codes.shape}] do not fit a codebook [${D}, ${K}]; give [batch, ${D}, codes] and [batch, codes] of one step`,
    );
  const vectors = toNumbers(step.encoded.dataSync(), step.encoded.dtype);
  const codes = step.codes.dataSync();

  const counts = new Float64Array(K);
  const sums = new Float64Array(K * D); // [K, D]
  const starts: number[] = []; // Of the vectors that count; a vector's elements lie N apart.
  for (let b = 0; b < B; b++)
    for (let n = 0; n < Math.min(N, codeCounts?.[b] ?? N); n++) {
      const k = Number(codes[b * N + n]);
      const start = b * D * N + n;
      starts.push(start);
      counts[k] = (counts[k] as number) + 1;
      for (let d = 0; d < D; d++) {
        const value = vectors[start + d * N] as number;
        if (!Number.isFinite(value))
          throw new NonFiniteError(
            `updateCodebook: vector ${n} of item ${b} holds ${value}; leave this step out, and look for such numbers in its clips and in the weights`,
          );
        sums[k * D + d] = (sums[k * D + d] as number) + value;
      }
    }

  const embed = copyOf(weights, "codebook.embed", D * K);
  const clusterSize = copyOf(weights, "codebook.cluster_size", K);
  const embedAvg = copyOf(weights, "codebook.embed_avg", D * K);
  for (let k = 0; k < K; k++)
    clusterSize[k] = decay * (clusterSize[k] as number) + (1 - decay) * (counts[k] as number);
  for (let d = 0, i = 0; d < D; d++)
    for (let k = 0; k < K; k++, i++)
      embedAvg[i] = decay * (embedAvg[i] as number) + (1 - decay) * (sums[k * D + d] as number);
  const restarted = restart ? restartDead(clusterSize, embedAvg, vectors, starts, N, restart) : 0;

  const total = clusterSize.reduce((sum, size) => sum + size, 0);
  const smoothed = clusterSize.map((size) => ((size + epsilon) / (total + K * epsilon)) * total);
  for (let d = 0, i = 0; d < D; d++)
    for (let k = 0; k < K; k++, i++)
      // A code that was never chosen has no mean to go to and stays.
      if (clusterSize[k] !== 0) embed[i] = (embedAvg[i] as number) / (smoothed[k] as number);
  return {
    codebook: {
      "codebook.embed": tensor(embed, { shape: [D, K] }),
      "codebook.cluster_size": tensor(clusterSize, { shape: [K] }),
      "codebook.embed_avg": tensor(embedAvg, { shape: [D, K] }),
    },
    restarted,
  };
}

function copyOf(weights: Weights, name: string, size: number): Float32Array {
  const old = weights[name];
  if (old?.size !== size || old.dtype !== "float32")
    throw new ShapeError(
      `updateCodebook: "${name}" is ${old ?? "missing"}, wanted ${size} float32 elements; give the codebook of one model`,
    );
  return (old.dataSync() as Float32Array).slice();
}

/** Puts each dead code on a vector of the batch, with a cluster of mean size, so that it has time to be chosen. */
function restartDead(
  clusterSize: Float32Array,
  embedAvg: Float32Array,
  vectors: ArrayLike<number>,
  starts: readonly number[],
  stride: number,
  { random, below = 0.03 }: RestartOptions,
): number {
  const K = clusterSize.length;
  const mean = clusterSize.reduce((sum, size) => sum + size, 0) / K;
  const dead = [...clusterSize.keys()].filter((k) => (clusterSize[k] as number) < below * mean);
  if (dead.length === 0 || starts.length === 0) return 0;
  const places = random.shuffle(starts);
  dead.forEach((k, i) => {
    const start = places[i % places.length] as number;
    clusterSize[k] = mean;
    for (let d = 0; d < embedAvg.length / K; d++)
      embedAvg[d * K + k] = (vectors[start + d * stride] as number) * mean;
  });
  return dead.length;
}
