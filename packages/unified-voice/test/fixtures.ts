/// <reference types="node" />

import { existsSync, readFileSync } from "node:fs";
import type { Mel } from "@hawksbill/audio";
import { decodeSafetensors } from "@hawksbill/checkpoint";
import { type Tensor, toNumbers } from "@hawksbill/core";

/** Numbers that tools/fixtures/unified_voice.py made with PyTorch 2.13 (seed 20). */
const own = new URL("../fixtures/", import.meta.url);
/** Numbers of the original modules, beside the repository. */
const shared = new URL("../../../../shared/fixtures/", import.meta.url);

export const hasShared = existsSync(shared);

export interface Fixture {
  readonly tensors: Record<string, Tensor>;
  readonly heads: number;
}

export function fixture(name: string, from: "own" | "shared" = "own"): Fixture {
  const file = new URL(`${name}.safetensors`, from === "own" ? own : shared);
  const { tensors, metadata } = decodeSafetensors(readFileSync(file), name);
  const config: { heads?: number } = JSON.parse(metadata.config ?? "{}");
  return { tensors, heads: config.heads ?? 1 };
}

/** The elements of a tensor of a fixture. */
export function numbers(x: Tensor | undefined): Float64Array {
  if (!x) throw new Error("the fixture lacks a tensor");
  return Float64Array.from(toNumbers(x.dataSync(), x.dtype));
}

/** Row i of a tensor whose first axis has rows. */
export function row(x: Tensor | undefined, i: number): Float64Array {
  const all = numbers(x);
  const size = all.length / (x?.shape[0] ?? 1);
  return all.subarray(i * size, (i + 1) * size);
}

/** The clips of row i of mels [rows, clips, bands, frames]. */
export function mels(x: Tensor | undefined, i: number): Mel[] {
  const [, clips = 0, bands = 0, frames = 0] = x?.shape ?? [];
  const data = Float32Array.from(row(x, i));
  return Array.from({ length: clips }, (_, c) => ({
    data: data.slice(c * bands * frames, (c + 1) * bands * frames),
    bands,
    frames,
  }));
}

/** The largest difference over the largest magnitude wanted. */
export function relativeError(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Infinity;
  let difference = 0;
  let magnitude = 1e-12;
  for (let i = 0; i < wanted.length; i++) {
    difference = Math.max(difference, Math.abs((got[i] as number) - (wanted[i] as number)));
    magnitude = Math.max(magnitude, Math.abs(wanted[i] as number));
  }
  return difference / magnitude;
}
