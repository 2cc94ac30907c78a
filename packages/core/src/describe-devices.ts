import type { DeviceName, DeviceOptions } from "./device.js";
import type { DeviceLimits } from "./limits.js";
import { runtimeOfTest } from "./measure-device.js";
import { deviceNames, openDevice } from "./open-device.js";
import { messageOf } from "./runtime-error.js";
import { supportsBlockMatrix, supportsFloat16 } from "./supports.js";

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
      /** Of weights that it can multiply by, see `blockMatrix`. */
      readonly weightBits: readonly (4 | 8)[];
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
      const weightBits: (4 | 8)[] = [];
      for (const bits of [8, 4] as const)
        if (await supportsBlockMatrix(device, bits)) weightBits.push(bits);
      const { keepsResults, limits } = device;
      return { name, works: true, testMs, float16, weightBits, keepsResults, limits };
    } finally {
      await device.close();
    }
  } catch (error) {
    return { name, works: false, why: messageOf(error) };
  }
}
