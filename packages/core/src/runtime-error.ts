import { DeviceError, type DeviceErrorReason, type DeviceName } from "./device.js";

/** How ONNX Runtime, Dawn, Vulkan, Direct3D, CUDA and JavaScript engines say it. */
const signs: readonly (readonly [DeviceErrorReason, RegExp])[] = [
  ["lost", /device (was |is |has been )?(lost|destroyed|removed|hung)|lost device|device_removed/i],
  [
    "memory",
    /out.?of.?((device|host).)?memory|bad_alloc|failed to allocate|allocation failed|memory access out of bounds|Invalid Buffer.* due to a previous error/i,
  ],
];

/** An error of ONNX Runtime, whose words are all that tells what it is about. */
export function runtimeError(device: DeviceName, what: string, cause: unknown): DeviceError {
  const words = messageOf(cause).trim();
  const [reason = "failed"] = signs.find(([, sign]) => sign.test(words)) ?? [];
  if (reason === "lost") return lostError(device, words, cause);
  const advice =
    reason === "memory"
      ? "; its memory is full: take a smaller batch, shorter clips or a smaller model"
      : "";
  return new DeviceError(`${device}: ${what}: ${words}${advice}`, { cause, reason });
}

/** A device that will not come back. */
export function lostError(device: DeviceName, words: string, cause?: unknown): DeviceError {
  return new DeviceError(
    `${device}: the device was lost (${words}), and with it what was only there; open it again, and go on from what was saved`,
    { cause, reason: "lost" },
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
