import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { DeviceError, type DeviceName } from "./device.js";
import { openDevice } from "./open-device.js";
import { mul } from "./ops/arithmetic.js";
import { ones, type Tensor } from "./tensor.js";

test("auto is the CPU in Node", async () => {
  const device = await openDevice();
  expect(device.name).toBe("cpu");
  await device.close();
});

test.each(["wasm", "cuda"])("there is no %s in Node", async (name) => {
  await expect(openDevice(name as DeviceName)).rejects.toThrow(
    new DeviceError(`openDevice: there is no "${name}" here; use "cpu" or "webgpu"`),
  );
});

test("options reach the runtime: one thread, no arena", async () => {
  const device = await openDevice("cpu", { threads: 1, arena: false });
  const twice = compile((x: Tensor) => mul(x, 2), { device });
  expect(await (await twice(ones([1]))).item()).toBe(2);
  await device.close();
});

test("a closed device runs nothing, and closing again does nothing", async () => {
  const device = await openDevice("cpu");
  const twice = compile((x: Tensor) => mul(x, 2), { device });
  await twice(ones([1]));
  await device.close();
  await device.close();
  const closed = new DeviceError("cpu: the device was closed; open it again");
  await expect(twice(ones([1]))).rejects.toThrow(closed);
  await expect(twice(ones([2]))).rejects.toThrow(closed);
  await twice.release();
});
