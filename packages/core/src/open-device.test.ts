/// <reference types="node" />
import { expect, test, vi } from "vitest";
import { compile } from "./compile.js";
import { ones } from "./create-tensor.js";
import { DeviceError, type DeviceName, type DeviceOptions } from "./device.js";
import { platform, sessionOptions } from "./onnxruntime.node.js";
import { openDevice } from "./open-device.js";
import { mul } from "./ops/arithmetic.js";
import { matmul } from "./ops/products.js";
import { liveTensors } from "./scope.js";
import type { Tensor } from "./tensor.js";

test("auto takes a device that computes, and says why", async () => {
  const device = await openDevice();
  expect(["cpu", "webgpu"]).toContain(device.name);
  expect(device.chosenBecause).toMatch(/^"(cpu|webgpu)" (is the only one|ran a test program in)/);
  const twice = compile((x: Tensor) => mul(x, 2), { device });
  expect(await (await twice(ones([1]))).item()).toBe(2);
  await device.close();
});

test("there is no wasm in Node", async () => {
  await expect(openDevice("wasm")).rejects.toThrow(
    new DeviceError(
      'openDevice: there is no "wasm" here; use "cpu" or "webgpu" or "cuda" or "dml" or "coreml"',
      { reason: "unavailable" },
    ),
  );
});

test.skipIf(process.platform !== "linux")(
  "DirectML and CoreML are not on Linux (needs Linux)",
  async () => {
    for (const name of ["dml", "coreml"] as const)
      await expect(openDevice(name)).rejects.toMatchObject({
        reason: "unavailable",
        message: expect.stringContaining(
          `openDevice: "${name}" does not work here (${name}: ONNX Runtime has no such device on linux ${process.arch}); use "cpu"`,
        ),
      });
  },
);

test("what ONNX Runtime is told of each device", () => {
  const providers = (name: DeviceName, options: DeviceOptions = {}): unknown =>
    sessionOptions(name, options).executionProviders;
  expect(providers("cuda")).toEqual(["cuda"]);
  expect(providers("cuda", { deviceId: 1 })).toEqual([{ name: "cuda", deviceId: 1 }]);
  expect(providers("coreml")).toEqual(["coreml"]);
  expect(sessionOptions("dml", { deviceId: 0 })).toMatchObject({
    executionProviders: [{ name: "dml", deviceId: 0 }],
    enableMemPattern: false,
    executionMode: "sequential",
  });
});

test("options reach the runtime: one thread, no arena", async () => {
  const device = await openDevice("cpu", { threads: 1, arena: false });
  const twice = compile((x: Tensor) => mul(x, 2), { device });
  expect(await (await twice(ones([1]))).item()).toBe(2);
  await device.close();
});

test("a device that fails its first program is closed, and nothing is left of it", async () => {
  const open = vi.spyOn(platform, "open");
  const before = liveTensors();
  await expect(openDevice("cpu", { limits: { tensorBytes: 1 } })).rejects.toMatchObject({
    reason: "unavailable",
  });
  const [result] = open.mock.results;
  open.mockRestore();
  expect(liveTensors()).toBe(before);
  const twice = compile((x: Tensor) => mul(x, 2), { device: await result?.value });
  await expect(twice(ones([1]))).rejects.toMatchObject({ reason: "closed" });
});

test("threads sleep soon after a run", async () => {
  const device = await openDevice("cpu", { threads: 2 });
  const multiply = compile((x: Tensor) => matmul(x, x), { device });
  const x = ones([256, 256]);
  const milliseconds: number[] = [];
  for (let i = 0; i < 5; i++) {
    (await multiply(x)).dispose();
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 100));
    milliseconds.push(process.cpuUsage(before).user / 1000);
  }
  const median = milliseconds.sort((a, b) => a - b)[2];
  expect(median).toBeLessThan(10); // By ONNX Runtime's default about 30.
  await device.close();
});

test("a closed device runs nothing, and closing again does nothing", async () => {
  const device = await openDevice("cpu");
  const twice = compile((x: Tensor) => mul(x, 2), { device });
  await twice(ones([1]));
  await device.close();
  await device.close();
  const closed = new DeviceError("cpu: the device was closed; open it again", { reason: "closed" });
  await expect(twice(ones([1]))).rejects.toThrow(closed);
  await expect(twice(ones([2]))).rejects.toThrow(closed);
  await twice.release();
});
