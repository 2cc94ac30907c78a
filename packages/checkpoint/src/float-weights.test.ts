import { compile, openDevice, tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { inFloat32, toFloat16, toFloat32 } from "./index.js";

test("float16 weights become the same numbers in float32", () => {
  const bits = Uint16Array.of(0x3c00, 0xc500, 0x0001, 0x7bff, 0x7c00, 0x8000);

  const { x } = toFloat32({ x: tensor(bits, { shape: [2, 3] }) });

  expect(x?.shape).toEqual([2, 3]);
  expect(x?.dataSync()).toEqual(
    Float32Array.of(1, -5, 2 ** -24, 65504, Number.POSITIVE_INFINITY, -0),
  );
});

test("inside a program they do, too", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  const weights = { half: tensor(Uint16Array.of(0x3c00, 0xc500)), whole: tensor([0.1]) };
  const run = compile(() => inFloat32(weights), { device });

  const { half, whole } = await run();

  expect(half?.dataSync()).toEqual(Float32Array.of(1, -5));
  expect(whole?.dataSync()).toEqual(Float32Array.of(0.1));
  await device.close();
});

test("every float16 is the same after a way through float32", () => {
  const finite = Uint16Array.from({ length: 0x7c00 * 2 }, (_, i) =>
    i < 0x7c00 ? i : 0x8000 + i - 0x7c00,
  );

  const { x } = toFloat16(toFloat32({ x: tensor(finite) }));

  expect(x?.dataSync()).toEqual(finite);
});

test("float32 weights are rounded to the nearest float16, halves to even", () => {
  const half = 2 ** -11; // of the step between 1 and the next float16

  const { x } = toFloat32(
    toFloat16({ x: tensor([1 + half, 1 + 3 * half, 1 + 1.01 * half, 1e-9]) }),
  );

  expect(x?.dataSync()).toEqual(Float32Array.of(1, 1 + 4 * half, 1 + 2 * half, 0));
});

test("weights of other dtypes are the same tensors", () => {
  const steps = tensor(Int32Array.of(1));
  const weight = tensor([1]);

  expect(toFloat32({ steps, weight })).toEqual({ steps, weight });
  expect(toFloat16({ steps }).steps).toBe(steps);
});

test("refuses a number that float16 cannot hold, and keeps infinity and NaN", () => {
  expect(() => toFloat16({ "h.0.weight": tensor([1, 70000]) })).toThrow(
    `toFloat16: "h.0.weight" holds 70000, beyond float16's largest number 65504; keep it in float32`,
  );
  const { x } = toFloat32(toFloat16({ x: tensor([Number.NEGATIVE_INFINITY, Number.NaN]) }));
  expect(x?.dataSync()).toEqual(Float32Array.of(Number.NEGATIVE_INFINITY, Number.NaN));
});
