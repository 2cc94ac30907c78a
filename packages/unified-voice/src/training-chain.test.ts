import {
  chainGradients,
  compile,
  openDevice,
  subtree,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { expect, test } from "vitest";
import { fixture, mels, numbers, relativeError, row } from "../test/fixtures.js";
import { makeBatch } from "./batch.js";
import { inferConfig } from "./config.js";
import { trainingChain } from "./training-chain.js";
import { trainingLosses } from "./training-losses.js";

const device = await openDevice("cpu", { threads: 1 });
const { tensors, heads } = fixture("dlas_false");
const weights = subtree(tensors, "weights");
const config = inferConfig(weights, { heads });
const { text, text_lengths, mel_codes, wav_lengths, conditioning_mel } = subtree(tensors, "inputs");
const items = Array.from(numbers(text_lengths), (length, i) => ({
  tokens: row(text, i).slice(0, length),
  codes: row(mel_codes, i),
  samples: numbers(wav_lengths)[i] ?? 0,
  conditioning: mels(conditioning_mel, i),
}));

test("losses and gradients equal PyTorch's", async () => {
  const chain = chainGradients(trainingChain(config), { device });
  const batch = makeBatch(items, config, { recipe: "dlas", tortoiseCompat: false });
  const { losses, grads } = await chain.run(weights, batch);
  const outputs = subtree(tensors, "outputs");
  expect(relativeError(numbers(losses.text), numbers(outputs.loss_text))).toBeLessThan(1e-5);
  expect(relativeError(numbers(losses.mel), numbers(outputs.loss_mel))).toBeLessThan(1e-5);
  const expected = subtree(tensors, "grads");
  expect(Object.keys(expected).length).toBeGreaterThan(20);
  for (const [name, wanted] of Object.entries(expected))
    expect([name, relativeError(numbers(grads[name]), numbers(wanted))]).toEqual([
      name,
      expect.toSatisfy((error: number) => error < 1e-5),
    ]);
  await chain.release();
});

test("options mean what they do in one program, and all but chosen weights can be frozen", async () => {
  const options = { textWeight: 0.5, labelSmoothing: 0.1, normalise: "clips" } as const;
  const batch = makeBatch(items, config);
  const trained = (name: string): boolean => name.endsWith("attn.c_proj.bias");
  const pick = (wanted: boolean): Weights =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => trained(name) === wanted));
  const chain = chainGradients(trainingChain(config, options), { device, frozen: pick(false) });
  const inOne = compile(
    (w: Weights, b: typeof batch) =>
      valueAndGradWithAux((p: Weights) => ({
        loss: trainingLosses({ ...weights, ...p }, b, config, options).loss,
        aux: {},
      }))(w),
    { device },
  );
  const ours = await chain.run(pick(true), batch);
  const whole = await inOne(pick(true), batch);
  expect(relativeError(numbers(ours.losses.loss), numbers(whole.value))).toBeLessThan(1e-6);
  expect(Object.keys(ours.grads).length).toBe(config.layers);
  for (const [name, g] of Object.entries(ours.grads))
    expect(relativeError(numbers(g), numbers(whole.grads[name]))).toBeLessThan(1e-5);
});
