import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeviceName, openDevice } from "@hawksbill/core";
import { useSwiftShader } from "../swiftshader.mjs";
import { checkFile, type FileReport, type InputFile } from "./check-file.js";

/** Where programs can run: the devices of Node, and those of a browser. */
export const targets = ["cpu", "webgpu", "wasm", "browser-webgpu"] as const;

/** A place that checks files. */
export interface Target {
  check(file: InputFile): Promise<FileReport>;
  close(): Promise<void>;
}

export function isTarget(name: string): name is (typeof targets)[number] {
  return (targets as readonly string[]).includes(name);
}

/** @throws {Error} The device, or Chromium for those of a browser, is not there or does not work. */
export async function openTarget(name: (typeof targets)[number]): Promise<Target> {
  if (name === "wasm" || name === "browser-webgpu") {
    const { openBrowser } = await import("./browser.js");
    return openBrowser(name === "wasm" ? "wasm" : "webgpu");
  }
  return openNode(name);
}

async function openNode(name: DeviceName): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "hawksbill-parity-"));
  if (name === "webgpu" && !hasGpu() && useSwiftShader(folder))
    console.log("webgpu: no GPU found, SwiftShader computes on the CPU");
  // Models of test sizes: more threads would wait for one another.
  const device = await openDevice(name, { threads: 1 });
  return {
    check: (file) => checkFile(file, device),
    async close() {
      await device.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Linux shows GPUs as files; elsewhere there is always a driver. */
function hasGpu(): boolean {
  return process.platform !== "linux" || ["/dev/dri", "/dev/nvidia0"].some((x) => existsSync(x));
}
