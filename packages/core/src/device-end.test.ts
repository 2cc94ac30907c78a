import { expect, test } from "vitest";
import { fakeGpu } from "../fixtures/fake-gpu.js";
import { watchDevice } from "./device-end.js";

test("work that breaks as the GPU goes fails by that, and nothing else is begun", async () => {
  const { gpu, lose } = fakeGpu();
  const end = watchDevice({ name: "webgpu", gpu });
  const work = end.during(Promise.reject(new Error("mapAsync failed")));
  lose();
  await expect(work).rejects.toMatchObject({ reason: "lost" });
  expect(end.error?.message).toMatch(/^webgpu: the device was lost \(destroyed\)/);
});

test("work that ends well fails if its GPU's memory was full meanwhile", async () => {
  const { gpu, fail } = fakeGpu();
  const end = watchDevice({ name: "webgpu", gpu });
  const work = end.during(new Promise((resolve) => setTimeout(resolve, 10)));
  fail("no room");
  await expect(work).rejects.toMatchObject({
    reason: "memory",
    message:
      "webgpu: the GPU failed: GPUOutOfMemoryError: no room; its memory is full: take a smaller batch, shorter clips or a smaller model",
  });
  expect(end.error).toBeUndefined();
  expect(await end.during(Promise.resolve(1))).toBe(1);
});

test("what a GPU tells after the work that it is about fails the next, once", async () => {
  const { gpu, fail } = fakeGpu();
  const end = watchDevice({ name: "webgpu", gpu });
  await end.during(Promise.resolve());
  fail("no room");
  await expect(end.during(Promise.resolve(1))).rejects.toMatchObject({ reason: "memory" });
  expect(await end.during(Promise.resolve(2))).toBe(2);
});

test("without a GPU of its own, work fails by its own error", async () => {
  const end = watchDevice({ name: "cpu" });
  await expect(end.during(Promise.reject(new Error("no")))).rejects.toThrow("no");
});
