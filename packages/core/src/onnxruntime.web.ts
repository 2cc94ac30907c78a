import { DeviceError, type DeviceName, type Platform } from "./device.js";
import { createDevice } from "./runtime.js";

/** ONNX Runtime in browsers: WebAssembly, or WebGPU where the browser has it. */
export const platform: Platform = {
  devices: ["wasm", "webgpu"],
  preferred: async () => ((await hasWebGpu()) ? "webgpu" : "wasm"),
  async open(name: DeviceName, { threads, wasmPaths }) {
    if (name === "webgpu" && !(await hasWebGpu()))
      throw new DeviceError("webgpu: this browser offers no GPU adapter");
    // Never the default entry: its older GPU provider gives wrong numbers for some operators.
    const ort =
      name === "webgpu"
        ? await import("onnxruntime-web/webgpu")
        : await import("onnxruntime-web/wasm");
    if (threads !== undefined) ort.env.wasm.numThreads = threads;
    if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
    ort.env.logLevel = "error";
    return createDevice({
      name,
      ort,
      readsDeviceTensors: true,
      sessionOptions: {
        executionProviders: [name],
        graphOptimizationLevel: "all",
        logSeverityLevel: 3,
      },
    });
  },
};

async function hasWebGpu(): Promise<boolean> {
  const { navigator } = globalThis as {
    navigator?: { gpu?: { requestAdapter(): Promise<unknown> } };
  };
  return Boolean(await navigator?.gpu?.requestAdapter());
}
