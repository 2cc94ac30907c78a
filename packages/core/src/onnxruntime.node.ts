import { DeviceError, type DeviceName, type Platform } from "./device.js";
import { createDevice } from "./runtime.js";

/** ONNX Runtime in Node: the native library, with WebGPU inside. */
export const platform: Platform = {
  devices: ["cpu", "webgpu"],
  preferred: async () => "cpu",
  async open(name: DeviceName, { threads, arena = true }) {
    const imported = await import("onnxruntime-node");
    // Node puts a CommonJS module in `default`; tsx, which runs TypeScript scripts, gives it itself.
    const ort = imported.default ?? imported;
    if (!ort.listSupportedBackends().some((backend) => backend.name === name))
      throw new DeviceError(`${name}: ONNX Runtime has no such device on this platform`);
    return createDevice({
      name,
      ort,
      readsDeviceTensors: false,
      sessionOptions: {
        executionProviders: [name],
        graphOptimizationLevel: "all",
        logSeverityLevel: 3,
        enableCpuMemArena: arena,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      },
    });
  },
};
