import { compile, matmul, Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import { tellChoice, withTools } from "./context.js";

test("--products fp16 computes products in float16, a little less exactly", async () => {
  const terminal = { out: () => undefined, error: () => undefined };
  const context = { terminal, signal: new AbortController().signal };
  const x = new Random(1).uniform([1, 128]);
  const matrix = new Random(2).uniform([128, 128]);
  const results: Float32Array[] = [];
  for (const products of ["fp32", "fp16"] as const)
    await withTools(context, { device: "cpu", threads: 1, products }, async ({ device }) => {
      const y = await compile(() => matmul(x, matrix), { device })();
      results.push((await y.data()) as Float32Array);
    });

  const [exact, half] = results as [Float32Array, Float32Array];
  const errors = half.map((y, i) => Math.abs(y / (exact[i] as number) - 1));
  expect(Math.max(...errors)).toBeLessThan(1e-3); // Float16 has 11 bits.
  expect(Math.max(...errors)).toBeGreaterThan(1e-6); // Float32 in another order has 1e-7.
});

test("says which device was taken and why, where there was a choice", () => {
  const notes: string[] = [];
  const reporter = { note: (text: string) => notes.push(text), event: () => undefined };

  tellChoice({ name: "cpu" }, reporter); // It was asked for.
  tellChoice({ name: "cpu", chosenBecause: '"cpu" is the only one that is likely here' }, reporter);
  tellChoice({ name: "cpu", chosenBecause: '"cpu" is the only one that works here' }, reporter);

  expect(notes).toEqual(['auto: cpu ("cpu" is the only one that works here)']);
});
