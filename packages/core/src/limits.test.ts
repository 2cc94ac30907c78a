import { afterEach, expect, test } from "vitest";
import { compile } from "./compile.js";
import { ones, tensor, zeros } from "./create-tensor.js";
import { type Device, DeviceError } from "./device.js";
import type { DeviceLimits } from "./limits.js";
import { openDevice } from "./open-device.js";
import { cast } from "./ops/arithmetic.js";
import { matmul } from "./ops/products.js";
import { sum } from "./ops/reductions.js";
import type { Tensor } from "./tensor.js";

const opened: Device[] = [];
async function openWith(limits: DeviceLimits): Promise<Device> {
  const device = await openDevice("cpu", { threads: 1, limits });
  opened.push(device);
  return device;
}
afterEach(async () => {
  for (const device of opened.splice(0)) await device.close();
});

/** A million bytes and some. */
const weight = ones([512, 600]);

test("a matrix that is larger than a tensor may be is cut into columns", async () => {
  const device = await openWith({ tensorBytes: 500_000 });
  const values = tensor(
    Float32Array.from({ length: 512 * 600 }, (_, i) => i % 7),
    { shape: [512, 600] },
  );
  const product = (x: Tensor): Tensor => matmul(x, values);
  const y = await compile(product, { device })(ones([2, 512]));
  const whole = await compile(product, { device: await openWith({}) })(ones([2, 512]));
  expect(y.shape).toEqual([2, 600]);
  expect(y.dataSync()).toEqual(whole.dataSync());
});

test("a large tensor that cannot be cut is refused before work starts, with what would fit", async () => {
  const device = await openWith({ tensorBytes: 1_000_000 });
  const total = compile(() => sum(weight), { device, name: "total" });
  await expect(total()).rejects.toThrow(
    new DeviceError(
      'cpu: "total" needs a tensor of 1.17 MB (constant_0, float32[512,600]), and this device holds 0.954 MB in one; in float16 it would fit, or another device',
      { reason: "limit" },
    ),
  );
  const ofInput = compile((x: Tensor) => sum(x), { device, name: "total" });
  await expect(ofInput(ones([4, 512, 600]))).rejects.toThrow(
    'cpu: "total" needs a tensor of 4.69 MB (input_0, float32[4,512,600]), and this device holds 0.954 MB in one; give 1/5 of the rows or of the length, or another device',
  );
  expect(device.traffic.up).toBeLessThan(100); // Only the first look at the device.
});

test("a longer input of a session that is there already is refused as well", async () => {
  const device = await openWith({ tensorBytes: 1_000_000 });
  const matrix = ones([64, 1]);
  const rows = compile((x: Tensor) => matmul(x, matrix), { device, name: "rows", anyLength: true });
  expect((await rows(ones([10, 64]))).shape).toEqual([10, 1]);
  await expect(rows(ones([8000, 64]))).rejects.toThrow(
    'cpu: "rows" needs a tensor of 1.95 MB (input_0, float32[8000,64]), and this device holds 0.954 MB in one; give 1/3 of the rows or of the length, or another device',
  );
  expect((await rows(ones([20, 64]))).shape).toEqual([20, 1]);
  await rows.release();
});

test("weights that do not fit together are refused with the form that would", async () => {
  const needs =
    'cpu: "product" needs at least 1.18 MB, 1.17 MB of it constant weights, and this device has';
  const product = async (memoryBytes: number): Promise<Tensor> =>
    compile((x: Tensor) => matmul(x, weight), {
      device: await openWith({ memoryBytes }),
      name: "product",
    })(ones([2, 512]));
  await expect(product(1_000_000)).rejects.toThrow(
    `${needs} 0.954 MB; weights in float16 would fit, or another device`,
  );
  await expect(product(400_000)).rejects.toThrow(
    `${needs} 0.381 MB; weights in int8 would fit, or another device`,
  );
  await expect(product(100_000)).rejects.toThrow(
    `${needs} 0.0954 MB; no form of the weights would fit: take a smaller model or batch, or another device`,
  );
  expect((await product(2_000_000)).shape).toEqual([2, 600]);
  const half = zeros([512, 600], "float16");
  const inHalf = compile((x: Tensor) => matmul(x, cast(half, "float32")), {
    device: await openWith({ memoryBytes: 400_000 }),
    name: "product",
  });
  await expect(inHalf(ones([2, 512]))).rejects.toThrow("; weights in int8 would fit, or");
});
