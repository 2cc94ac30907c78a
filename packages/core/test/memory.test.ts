import { expect, inject, test } from "vitest";
import { sideTooLarge } from "../../../tools/device-failures.js";
import { compile, liveTensors, mul, ones, scope, sum, type Tensor } from "../src/index.js";
import { device } from "./device.js";

test.runIf(inject("isSmall") ?? true).each([
  ["read", false],
  ["kept on the device", true],
])(
  "a full memory is told as such, and the device goes on (results %s)",
  async (_, keepOnDevice) => {
    const live = liveTensors();
    const side = sideTooLarge(device.name);
    const product = compile((x: Tensor, y: Tensor) => sum(mul(x, y)), { device, keepOnDevice });
    await scope(async () => {
      for (let i = 0; i < 2; i++)
        await expect(product(ones([side, 1]), ones([1, side]))).rejects.toMatchObject({
          name: "DeviceError",
          reason: "memory",
          message: expect.stringMatching(
            /^\w+: the .* failed: .*; its memory is full: take a smaller batch/s,
          ),
        });
      const small = await product(ones([2, 1]), ones([1, 3]));
      expect(await small.data()).toEqual(new Float32Array([6]));
    });
    await product.release();
    expect(liveTensors()).toBe(live);
  },
);
