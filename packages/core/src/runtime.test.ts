/// <reference types="node" />
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { add, compile, lazyTensor, matmul, ones, openDevice, type Tensor } from "./index.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("holds no results of runs that are over", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  const run = compile((x: Tensor) => add(x, 1), { device });
  const x = ones([1000]);
  const results: WeakRef<object>[] = [];
  for (let i = 0; i < 10; i++) {
    const y = await run(x);
    results.push(new WeakRef(y.dataSync()));
    y.dispose();
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  collectGarbage();

  expect(results.filter((result) => result.deref() !== undefined).length).toBeLessThanOrEqual(1);
  await device.close();
});

test("holds no constants that were read for a program", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  let elements: WeakRef<object> | undefined;
  const read = async (): Promise<Uint8Array> => {
    const bytes = new Uint8Array(4 * 32 * 32);
    elements = new WeakRef(bytes.buffer);
    return bytes;
  };
  const weight = lazyTensor({ read }, { shape: [32, 32], dtype: "float32" });
  const run = compile((x: Tensor) => matmul(x, weight), { device });
  (await run(ones([1, 32]))).dispose();
  await new Promise((resolve) => setTimeout(resolve, 0));
  collectGarbage();

  expect(elements?.deref()).toBeUndefined();
  (await run(ones([1, 32]))).dispose(); // The program is there still.
  await device.close();
});
