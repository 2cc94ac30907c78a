/// <reference types="node" />
import { parse, relative, sep } from "node:path";
import { DeviceError, type DeviceName, type Platform } from "./device.js";
import { createDevice } from "./runtime.js";

/** Files to map weights from lie anywhere below it; on Windows, on the drive that Node was started on. */
const { root } = parse(process.cwd());

/** ONNX Runtime in Node: the native library, with WebGPU inside. */
export const platform: Platform = {
  devices: ["cpu", "webgpu"],
  preferred: async () => "cpu",
  async open(name: DeviceName, { threads, arena = true, prepack = true }) {
    const imported = await import("onnxruntime-node");
    // Node puts a CommonJS module in `default`; tsx, which runs TypeScript scripts, gives it itself.
    const ort = imported.default ?? imported;
    if (!ort.listSupportedBackends().some((backend) => backend.name === name))
      throw new DeviceError(`${name}: ONNX Runtime has no such device on this platform`);
    return createDevice({
      name,
      ort,
      readsDeviceTensors: false,
      locate: (path) =>
        parse(path).root === root ? relative(root, path).replaceAll(sep, "/") : undefined,
      sessionOptions: {
        executionProviders: [name],
        graphOptimizationLevel: "all",
        logSeverityLevel: 3,
        enableCpuMemArena: arena,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
        extra: {
          session: {
            model_external_initializers_file_folder_path: root,
            ...(prepack ? {} : { disable_prepacking: "1" }),
          },
        },
      },
    });
  },
};
