import { expect, test } from "vitest";
import { losable } from "../../../tools/device-failures.js";
import { add, compile, ones, openDevice, type Tensor } from "../src/index.js";
import { device } from "./device.js";

const plusOne = (x: Tensor): Tensor => add(x, 1);

// In Node, ONNX Runtime has its GPU to itself.
test.runIf(device.name === "webgpu" && "document" in globalThis)(
  "a GPU that is gone is told as such, and others compute, those opened since among them",
  async () => {
    const { opened: fragile, lose } = await losable(() => openDevice("webgpu"));
    const run = compile(plusOne, { device: fragile, keepOnDevice: true });
    const kept = await run(ones([2]));
    lose();
    await expect(kept.data()).rejects.toMatchObject({ reason: "lost" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const length of [2, 3])
      await expect(run(ones([length]))).rejects.toMatchObject({
        name: "DeviceError",
        reason: "lost",
        message: expect.stringMatching(/^webgpu: the device was lost \(.*\), and with it/),
      });
    await fragile.close();
    kept.dispose();

    const anew = await openDevice("webgpu");
    for (const working of [anew, device]) {
      const sum = await compile(plusOne, { device: working })(ones([2]));
      expect(await sum.data()).toEqual(new Float32Array([2, 2]));
    }
    await anew.close();
  },
);
