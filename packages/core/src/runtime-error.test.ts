import { expect, test } from "vitest";
import { runtimeError } from "./runtime-error.js";

test.each([
  ["lost", "WebGPU: Device is lost."],
  ["lost", "A valid external Instance reference no longer exists: the device was destroyed"],
  ["lost", "DXGI_ERROR_DEVICE_REMOVED"],
  ["memory", "vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY"],
  [
    "memory",
    "WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error.",
  ],
  ["memory", "GPUOutOfMemoryError: no room"],
  ["memory", "CUDA failure 2: out of memory"],
  ["memory", "std::bad_alloc"],
  ["memory", "RuntimeError: memory access out of bounds"],
  ["memory", "Failed to allocate memory for requested buffer of size 17179869184"],
  ["failed", "Non-zero status code returned while running MatMul node"],
])("tells that it is %s by the words: %s", (reason, words) => {
  const cause = new Error(words);
  expect(runtimeError("webgpu", "the program failed", cause)).toMatchObject({ reason, cause });
});

test("says what to do", () => {
  expect(runtimeError("cuda", "the program failed", "out of memory").message).toBe(
    "cuda: the program failed: out of memory; its memory is full: take a smaller batch, shorter clips or a smaller model",
  );
  expect(runtimeError("webgpu", "the program failed", "Device lost").message).toBe(
    "webgpu: the device was lost (Device lost), and with it what was only there; open it again, and go on from what was saved",
  );
});
