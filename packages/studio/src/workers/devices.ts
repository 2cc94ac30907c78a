import { type Device, openDevice } from "@hawksbill/core";
import type { Settings } from "../settings.js";
import { home } from "./home.js";

const opened = new Map<Settings["device"], Promise<Device>>();

/** Opens a device once; ONNX Runtime's own files come from the studio's folder. */
export function deviceNamed(name: Settings["device"]): Promise<Device> {
  const device = opened.get(name) ?? openDevice(name, { wasmPaths: new URL("ort/", home).href });
  opened.set(name, device);
  device.catch(() => opened.delete(name)); // To be tried again.
  return device;
}
