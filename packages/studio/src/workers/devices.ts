import { type Device, DeviceError, openDevice } from "@hawksbill/core";
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

/** After a failure: lets go of a device that was lost, so that it is opened anew. */
export async function forgetIfLost(name: Settings["device"], failure: unknown): Promise<void> {
  const device = opened.get(name);
  if (!device || !isLoss(failure)) return;
  opened.delete(name);
  await (await device).close().catch(() => undefined); // Nothing on it can be saved.
}

function isLoss(error: unknown): boolean {
  if (error instanceof DeviceError && error.reason === "lost") return true;
  return error instanceof Error && isLoss(error.cause);
}
