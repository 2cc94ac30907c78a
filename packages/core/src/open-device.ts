import { platform } from "#onnxruntime";
import { compile } from "./compile.js";
import { tensor } from "./create-tensor.js";
import { type Device, DeviceError, type DeviceName, type DeviceOptions } from "./device.js";
import { runtimeOfTest } from "./measure-device.js";
import { messageOf } from "./runtime-error.js";
import { supportsFloat16 } from "./supports.js";
import type { Tensor } from "./tensor.js";

/** The devices that this platform may have, whether or not they work here: those of Node, or of browsers. */
export const deviceNames: readonly DeviceName[] = platform.devices;

/**
 * Opens a device, after seeing it compute.
 *
 * @param name "auto" takes the only one that works or, of several, the one that is faster at a small test program;
 * the device's `chosenBecause` tells. In Node these are `cpu` and `webgpu`, in browsers `webgpu` and `wasm`.
 * @throws {DeviceError} This platform has no such device, or it does not work or lacks what `options` want; the message says what to use.
 */
export async function openDevice(
  name: DeviceName | "auto" = "auto",
  options: DeviceOptions = {},
): Promise<Device> {
  return name === "auto" ? openFastest(options) : openNamed(name, options);
}

async function openNamed(name: DeviceName, options: DeviceOptions): Promise<Device> {
  if (!platform.devices.includes(name))
    throw new DeviceError(
      `openDevice: there is no "${name}" here; use ${platform.devices.map((d) => `"${d}"`).join(" or ")}`,
      { reason: "unavailable" },
    );
  try {
    const device = await platform.open(name, options);
    try {
      await requireWorks(device, options);
    } catch (error) {
      await device.close().catch(() => undefined); // What it failed by before says more.
      throw error;
    }
    return device;
  } catch (cause) {
    const others = platform.automatic.filter((other) => other !== name).map((d) => `"${d}"`);
    throw new DeviceError(
      `openDevice: "${name}" does not work here (${messageOf(cause)}${hint(name)}); use ${others.join(" or ") || "another"}`,
      { cause, reason: "unavailable" },
    );
  }
}

/** @throws {DeviceError} The device does not compute, or lacks what `options` want. */
async function requireWorks(device: Device, { products }: DeviceOptions): Promise<void> {
  const probe = compile((x: Tensor) => x, { device });
  const input = tensor([1]);
  try {
    (await probe(input)).dispose();
  } finally {
    input.dispose();
    await probe.release();
  }
  if (products === "float16" && !(await supportsFloat16(device)))
    throw new DeviceError("it has no float16; leave out `products`", { reason: "unavailable" });
}

/** What is most often missing. */
function hint(name: DeviceName): string {
  return name === "cuda"
    ? "; CUDA 12, cuDNN 9 and ONNX Runtime's CUDA libraries are needed: see docs/devices.md"
    : "";
}

async function openFastest(options: DeviceOptions): Promise<Device> {
  const names = platform.automatic;
  const opened: Device[] = [];
  const failures: string[] = [];
  for (const name of names)
    await openNamed(name, options).then(
      (device) => opened.push(device),
      (error: unknown) => failures.push(messageOf(error)),
    );
  const [first, ...others] = opened;
  if (!first)
    throw new DeviceError(`openDevice: no device works here: ${failures.join(" ")}`, {
      reason: "unavailable",
    });
  if (others.length === 0) {
    const chosenBecause =
      names.length === 1
        ? `"${first.name}" is the only one that is likely here`
        : `"${first.name}" is the only one that works here`;
    return { ...first, chosenBecause };
  }
  const timed: { readonly device: Device; readonly ms: number }[] = [];
  for (const device of opened) timed.push({ device, ms: await runtimeOfTest(device) });
  const [fastest, ...slower] = timed.sort((a, b) => a.ms - b.ms);
  for (const { device } of slower) await device.close();
  const { device, ms } = fastest as (typeof timed)[number];
  const than = slower.map((one) => `"${one.device.name}" in ${one.ms.toPrecision(2)} ms`);
  const chosenBecause = `"${device.name}" ran a test program in ${ms.toPrecision(2)} ms, ${than.join(", ")}`;
  return { ...device, chosenBecause };
}
