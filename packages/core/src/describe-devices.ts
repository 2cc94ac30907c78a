import { compile } from "./compile.js";
import { tensor } from "./create-tensor.js";
import type { Device, DeviceName, DeviceOptions } from "./device.js";
import type { DeviceLimits } from "./limits.js";
import { runtimeOfTest } from "./measure-device.js";
import { deviceNames, openDevice } from "./open-device.js";
import { add } from "./ops/arithmetic.js";
import { messageOf } from "./runtime-error.js";
import { scope } from "./scope.js";
import type { Tensor } from "./tensor.js";

/** What a device can do here. */
export type DeviceDescription =
  | { readonly name: DeviceName; readonly works: false; readonly why: string }
  | {
      readonly name: DeviceName;
      readonly works: true;
      /** Of a small test program, the better of some runs. */
      readonly testMs: number;
      /** Whether it computes in float16; a GPU may not. */
      readonly float16: boolean;
      /** Whether weights can stay on it while they are trained. */
      readonly keepsResults: boolean;
      readonly limits: DeviceLimits;
    };

/** Opens each device that this platform may have, one after another, and tries what it can do. */
export async function describeDevices(options: DeviceOptions = {}): Promise<DeviceDescription[]> {
  const found: DeviceDescription[] = [];
  for (const name of deviceNames) found.push(await describe(name, options));
  return found;
}

async function describe(name: DeviceName, options: DeviceOptions): Promise<DeviceDescription> {
  try {
    const device = await openDevice(name, options);
    try {
      const testMs = await runtimeOfTest(device);
      const float16 = await supportsFloat16(device);
      const { keepsResults, limits } = device;
      return { name, works: true, testMs, float16, keepsResults, limits };
    } finally {
      await device.close();
    }
  } catch (error) {
    return { name, works: false, why: messageOf(error) };
  }
}

/** Whether a device computes in float16 (WebGPU: `shader-f16`), found by trying. */
export async function supportsFloat16(device: Device): Promise<boolean> {
  const plusOne = compile((x: Tensor) => add(x, 1), { device, name: "float16" });
  try {
    await scope(async () => {
      await (await plusOne(tensor([1], { dtype: "float16" }))).data();
    });
    return true;
  } catch {
    return false;
  } finally {
    await plusOne.release().catch(() => undefined); // A program that did not load has nothing to free.
  }
}
