import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileKernel, kernels } from "./build-kernels.js";

test.each(kernels())("$target is what $source compiles to", async (kernel) => {
  expect(readFileSync(kernel.target, "utf8")).toBe(await compileKernel(kernel));
});

test("kernels are small enough for browsers to compile at once, while a page waits", () => {
  const sizes = kernels().map(({ target }) => readFileSync(target, "utf8").match(/"(.+)"/)?.[1]);
  for (const base64 of sizes) expect(Buffer.from(base64 ?? "", "base64").length).toBeLessThan(4096);
});
