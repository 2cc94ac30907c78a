/// <reference types="node" />
import { existsSync, readFileSync } from "node:fs";
import { decodeSafetensors } from "@hawksbill/checkpoint";
import {
  compile,
  openDevice,
  slice,
  subtree,
  type Tensor,
  toNumbers,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { expect, test } from "vitest";
import { makeBatch } from "./batch.js";
import { inferConfig } from "./config.js";
import { trainingLosses } from "./training-losses.js";

const device = await openDevice("cpu");
const shared = new URL("../../../../shared/fixtures/", import.meta.url);

function numbers(x: Tensor | undefined): Float64Array {
  if (!x) throw new Error("the fixture lacks a tensor");
  return Float64Array.from(toNumbers(x.dataSync(), x.dtype));
}

/** Largest difference over the largest magnitude. */
function relativeError(got: Tensor | undefined, wanted: Tensor | undefined): number {
  const [a, b] = [numbers(got), numbers(wanted)];
  if (a.length !== b.length) return Infinity;
  const scale = b.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-12);
  return a.reduce((m, x, i) => Math.max(m, Math.abs(x - (b[i] ?? NaN))), 0) / scale;
}

test.skipIf(!existsSync(shared)).each([true, false])(
  "dlas equals DL-Art-School with tortoise_compat %s (needs ../shared)",
  async (tortoiseCompat) => {
    const file = new URL(`unified_voice_dlas_train_compat_${tortoiseCompat}.safetensors`, shared);
    const { tensors } = decodeSafetensors(readFileSync(file));
    const weights = subtree(tensors, "weights");
    const inputs = subtree(tensors, "inputs");
    const outputs = subtree(tensors, "outputs");
    const config = inferConfig(weights, { heads: 4 });
    const textLengths = numbers(inputs.text_lengths);
    const text = numbers(inputs.text);
    const codes = numbers(inputs.mel_codes);
    const mel = inputs.conditioning_mel?.dataSync() as Float32Array;
    const items = [0, 1, 2].map((b) => ({
      tokens: text.subarray(b * 24, b * 24 + (textLengths[b] ?? 0)),
      codes: codes.subarray(b * 40, b * 40 + 40),
      samples: numbers(inputs.wav_lengths)[b] ?? 0,
      conditioning: [0, 1].map((c) => ({
        data: mel.subarray((b * 2 + c) * 4000, (b * 2 + c + 1) * 4000),
        bands: 80,
        frames: 50,
      })),
    }));
    const batch = makeBatch(items, config, { recipe: "dlas", tortoiseCompat });
    const step = compile(
      (w: Weights, b: typeof batch) =>
        valueAndGradWithAux((w: Weights) => {
          const { loss, text, mel, melLogits } = trainingLosses(w, b, config);
          return { loss, aux: { text, mel, melLogits } };
        })(w),
      { device },
    );
    const { aux, grads } = await step(weights, batch);
    expect(relativeError(aux.text, outputs.loss_text)).toBeLessThan(1e-5);
    expect(relativeError(aux.mel, outputs.loss_mel)).toBeLessThan(1e-5);
    const errors = Object.entries(subtree(tensors, "grads")).map(
      ([name, wanted]) => [name, relativeError(grads[name], wanted)] as const,
    );
    expect(Math.max(...errors.map(([, e]) => e))).toBeLessThan(1e-4);
  },
);
