import type { DeviceName } from "@hawksbill/core";

/** What people decide of a fine-tuning. */
export interface Settings {
  readonly base: BaseName;
  readonly device: "auto" | Extract<DeviceName, "wasm" | "webgpu">;
  /** Rank of the adapter to train; 0 trains all weights. */
  readonly rank: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** From one measurement of the held-out clips, and one sample to listen to, to the next. */
  readonly listenEvery: number;
  /** Steps of fitting the dVAE's decoder to the voice. */
  readonly decoderSteps: number;
  readonly seed: number;
}

/** The model that ships with the studio, or one of the user's own. */
export type BaseName = "embedded" | "own";

/** A setting that is suggested, and why. */
export interface Suggestion {
  readonly value: number;
  readonly why: string;
}

/** The settings that follow from clips and base. */
export type Suggestions = Readonly<
  Record<"steps" | "batchSize" | "learningRate" | "listenEvery" | "decoderSteps", Suggestion>
> & { readonly memoryMB: Suggestion };

/** What a base is, for people. */
export interface BaseFacts {
  readonly name: BaseName;
  readonly parameters: number;
  readonly layers: number;
  readonly width: number;
  /** The longest clip that it can learn from. */
  readonly maximumSeconds: number;
}
