import type { Weights } from "@hawksbill/core";
import type { CheckpointValue } from "./pth/flatten.js";
import type { StoredDType } from "./stored-dtypes.js";

/** The kinds of files that are read; "legacy-pth" is what torch wrote before 1.6. */
export type CheckpointFormat = "pth" | "legacy-pth" | "safetensors" | "sharded-safetensors";

/** What a file holds, known from its headers alone. */
export interface Checkpoint {
  /** What error messages call the file. */
  readonly name: string;
  readonly format: CheckpointFormat;
  /**
   * Each is read when its `data()`, or a program, asks for it. Those of nested dicts and lists in a .pth file are
   * named by the keys on the way to them, joined by dots.
   */
  readonly tensors: Weights;
  /** How the file holds each tensor, in the words of safetensors: F64, BF16 and I16 are converted on reading. */
  readonly storedDTypes: Readonly<Record<string, StoredDType>>;
  /** The texts that a file may have about itself: any safetensors, and a .pth that Hawksbill wrote. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What a .pth file holds besides tensors, such as a step, nested as it is there. */
  readonly values: Readonly<Record<string, CheckpointValue>>;
  /** Frees the file; tensors that are not read by then cannot be any more. */
  close(): Promise<void>;
}
