/// <reference types="node" />
import { existsSync } from "node:fs";
import { parse, relative, sep } from "node:path";
import type { InferenceSession } from "onnxruntime-common";
import { DeviceError, type DeviceName, type DeviceOptions, type Platform } from "./device.js";
import { createDevice } from "./runtime.js";

/** Files to map weights from lie anywhere below it; on Windows, on the drive that Node was started on. */
const { root } = parse(process.cwd());

/** ONNX Runtime in Node: the native library, with WebGPU inside. */
export const platform: Platform = {
  devices: ["cpu", "webgpu", "cuda", "dml", "coreml"],
  get automatic(): DeviceName[] {
    return mayHaveGpu() ? ["cpu", "webgpu"] : ["cpu"];
  },
  async open(name: DeviceName, options: DeviceOptions) {
    const imported = await import("onnxruntime-node");
    // Node puts a CommonJS module in `default`; tsx, which runs TypeScript scripts, gives it itself.
    const ort = imported.default ?? imported;
    if (!ort.listSupportedBackends().some((backend) => backend.name === name))
      throw new DeviceError(
        `${name}: ONNX Runtime has no such device on ${process.platform} ${process.arch}`,
        { reason: "unavailable" },
      );
    return createDevice(
      {
        name,
        ort,
        limits: {}, // ONNX Runtime in Node does not tell those of its GPUs.
        mayFallBack: name !== "cpu",
        readsDeviceTensors: false,
        locate: (path) =>
          parse(path).root === root ? relative(root, path).replaceAll(sep, "/") : undefined,
        sessionOptions: sessionOptions(name, options),
      },
      options,
    );
  },
};

/**
 * How long a session's threads look for work before they sleep: longer than from one operator to the next, shorter than
 * from one run to the next. By default they spin for 30 ms behind each run, on the cores that JavaScript and the next
 * session want.
 */
const spinMicroseconds = "200";

/** @internal What ONNX Runtime is told, by its documentation of each execution provider. */
export function sessionOptions(
  name: DeviceName,
  { threads, arena = true, prepack = true, deviceId }: DeviceOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [deviceId === undefined ? name : { name, deviceId }],
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    enableCpuMemArena: arena,
    // They put one block for a whole run beside what the arena already holds: more memory, not less time. DirectML refuses them.
    enableMemPattern: false,
    ...(name === "dml" ? { executionMode: "sequential" } : {}),
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    extra: {
      session: {
        model_external_initializers_file_folder_path: root,
        ...(prepack ? {} : { disable_prepacking: "1" }),
        intra_op: { spin_duration_us: spinMicroseconds },
      },
    },
  };
}

/** On Linux, drivers without a GPU write to the terminal when they are asked for one. */
function mayHaveGpu(): boolean {
  return (
    process.platform !== "linux" ||
    ["/dev/dri", "/dev/nvidia0", "/dev/dxg"].some((path) => existsSync(path))
  );
}
