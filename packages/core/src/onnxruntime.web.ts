import type { InferenceSession } from "onnxruntime-common";
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
    const gpu = adapter && (await openGpu(adapter)); // Last: if ONNX Runtime did not load, nobody would free it.
    return createDevice(
      {
        name,
        ort,
        limits: adapter ? limitsOf(adapter) : { memoryBytes: wasmMemoryBytes },
        mayFallBack: name === "webgpu",
        ...(gpu ? { gpu } : {}),
        readsDeviceTensors: true,
        sessionOptions: {
          executionProviders: [
            // Of a whole `GPUDevice`, whose type not every project has, the parts that are used here.
            (gpu ? { name, device: gpu } : name) as InferenceSession.ExecutionProviderConfig,
          ],
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
  readonly limits: Readonly<Record<GpuLimit, number>>;
  readonly features: ReadonlySet<string>;
  requestDevice(wanted: {
    readonly requiredFeatures: readonly string[];
    readonly requiredLimits: Readonly<Record<GpuLimit, number>>;
  }): Promise<Gpu>;
}

/** Limits that matter to programs: what an adapter has of them is asked for, beyond WebGPU's low defaults. */
const gpuLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxBindGroups",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;
type GpuLimit = (typeof gpuLimits)[number];

/** What ONNX Runtime's shaders make use of. */
const gpuFeatures = ["shader-f16", "subgroups", "chromium-experimental-subgroup-matrix"];

async function gpuAdapter(): Promise<GpuAdapter | null | undefined> {
  const { navigator } = globalThis as {
    navigator?: {
      gpu?: { requestAdapter(wanted: { powerPreference: string }): Promise<GpuAdapter | null> };
    };
  };
  // Of two GPUs the faster, as ONNX Runtime itself would ask for.
  return navigator?.gpu?.requestAdapter({ powerPreference: "high-performance" });
}

/** A GPU of one's own: ONNX Runtime's would be the same for all devices of the page, and would not come back once lost. */
function openGpu(adapter: GpuAdapter): Promise<Gpu> {
  const requiredLimits = Object.fromEntries(
    gpuLimits.map((limit) => [limit, adapter.limits[limit]]),
  ) as Record<GpuLimit, number>;
  const requiredFeatures = gpuFeatures.filter((feature) => adapter.features.has(feature));
  return adapter.requestDevice({ requiredFeatures, requiredLimits });
}

function limitsOf({ limits }: GpuAdapter): DeviceLimits {
  return { tensorBytes: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize) };
}
