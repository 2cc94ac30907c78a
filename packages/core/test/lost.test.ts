import { expect, test } from "vitest";
import { add, compile, ones, type Tensor } from "../src/index.js";
import { device } from "./device.js";

/** What is used here of ONNX Runtime's own handle of the GPU. */
interface WithGpu {
  readonly webgpu: { readonly device: Promise<{ destroy(): void }> };
}

// In Node, ONNX Runtime hands out no such handle.
test.runIf(device.name === "webgpu" && "document" in globalThis)(
  "a GPU that is gone is told as such, at the next run and at all that follow",
  async () => {
    const run = compile((x: Tensor) => add(x, 1), { device, keepOnDevice: true });
    await run(ones([2]));
    const { env } = await import("onnxruntime-web/webgpu");
    (await (env as unknown as WithGpu).webgpu.device).destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const length of [2, 3])
      await expect(run(ones([length]))).rejects.toMatchObject({
        name: "DeviceError",
        reason: "lost",
        message: expect.stringMatching(/^webgpu: the device was lost \(.*\), and with it/),
      });
  },
);
