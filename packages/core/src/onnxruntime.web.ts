import type { Gpu } from "./backend.js";
import { DeviceError, type DeviceName, type DeviceOptions, type Platform } from "./device.js";
import type { DeviceLimits } from "./limits.js";
import { createDevice } from "./runtime.js";

/** A 32-bit memory, most of which ONNX Runtime can use. */
const wasmMemoryBytes = 4 * 2 ** 30;

/** ONNX Runtime in browsers: WebAssembly, or WebGPU where the browser has it. */
export const platform: Platform = {
  devices: ["wasm", "webgpu"],
  automatic: ["webgpu", "wasm"],
  async open(name: DeviceName, options: DeviceOptions) {
    const { threads, wasmPaths } = options;
    const adapter = name === "webgpu" ? await gpuAdapter() : undefined;
    if (name === "webgpu" && !adapter)
      throw new DeviceError("webgpu: this browser offers no GPU adapter", {
        reason: "unavailable",
      });
    // Never the default entry: its older GPU provider gives wrong numbers for some operators.
    const ort =
      name === "webgpu"
        ? await import("onnxruntime-web/webgpu")
        : await import("onnxruntime-web/wasm");
    if (threads !== undefined) ort.env.wasm.numThreads = threads;
    if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
    ort.env.logLevel = "error";
    const { webgpu } = ort.env as { webgpu?: { device?: Promise<Gpu> } };
    return createDevice(
      {
        name,
        ort,
        limits: adapter ? limitsOf(adapter) : { memoryBytes: wasmMemoryBytes },
        mayFallBack: name === "webgpu",
        ...(adapter ? { gpu: async () => webgpu?.device } : {}),
        readsDeviceTensors: true,
        sessionOptions: {
          executionProviders: [name],
          graphOptimizationLevel: "all",
          logSeverityLevel: 3,
        },
      },
      options,
    );
  },
};

/** What is used here of a `GPUAdapter`. */
interface GpuAdapter {
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
}

async function gpuAdapter(): Promise<GpuAdapter | null | undefined> {
  const { navigator } = globalThis as {
    navigator?: { gpu?: { requestAdapter(): Promise<GpuAdapter | null> } };
  };
  return navigator?.gpu?.requestAdapter();
}

/** ONNX Runtime asks for all that the adapter has. */
function limitsOf({ limits }: GpuAdapter): DeviceLimits {
  return { tensorBytes: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize) };
}
