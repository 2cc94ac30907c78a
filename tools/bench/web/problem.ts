import { decodeSafetensors } from "@hawksbill/checkpoint";
import { inferConfig, type UnifiedVoiceConfig } from "@hawksbill/unified-voice";

/** A tensor as every library can take it. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** What all contestants train: a UnifiedVoice, by Adam on one batch. */
export interface Problem {
  readonly weights: Readonly<Record<string, Numbers>>;
  /** A `Batch` of @hawksbill/unified-voice. */
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly config: UnifiedVoiceConfig & { readonly textWeight: number };
  readonly adam: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
  };
}

/** Takes a training step; gives the loss before it. */
export type Step = () => Promise<number>;

/** The problem in a file of `writeNumbers`. */
export function readProblem(bytes: Uint8Array): Problem {
  const { tensors } = decodeSafetensors(bytes, "problem");
  const part = (prefix: string) =>
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, x]) => [name.slice(prefix.length), x] as const);
  const plain = (prefix: string): Record<string, Numbers> =>
    Object.fromEntries(
      part(prefix).map(([name, x]) => [
        name,
        { shape: x.shape, data: x.dataSync() as Float32Array | Int32Array },
      ]),
    );
  return {
    weights: plain("weights."),
    inputs: plain("inputs."),
    config: { ...inferConfig(Object.fromEntries(part("weights."))), textWeight: 0.01 },
    adam: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  };
}
