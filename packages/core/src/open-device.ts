import { platform } from "#onnxruntime";
import { compile } from "./compile.js";
import { type Device, DeviceError, type DeviceName, type DeviceOptions } from "./device.js";
import { type Tensor, tensor } from "./tensor.js";

/**
 * Opens a device, after seeing it compute.
 *
 * @param name "auto" takes `cpu` in Node, and in browsers `webgpu` if there is one, else `wasm`.
 * @throws {DeviceError} This platform has no such device, or it does not work; the message says what to use.
 */
export async function openDevice(
  name: DeviceName | "auto" = "auto",
  options: DeviceOptions = {},
): Promise<Device> {
  const wanted = name === "auto" ? await platform.preferred() : name;
  if (!platform.devices.includes(wanted))
    throw new DeviceError(
      `openDevice: there is no "${wanted}" here; use ${platform.devices.map((d) => `"${d}"`).join(" or ")}`,
    );
  try {
    const device = await platform.open(wanted, options);
    const probe = compile((x: Tensor) => x, { device });
    const input = tensor([1]);
    (await probe(input)).dispose();
    input.dispose();
    await probe.release();
    return device;
  } catch (cause) {
    const others = platform.devices.filter((other) => other !== wanted).map((d) => `"${d}"`);
    throw new DeviceError(
      `openDevice: "${wanted}" does not work here (${cause instanceof Error ? cause.message : String(cause)}); use ${others.join(" or ")}`,
      { cause },
    );
  }
}
