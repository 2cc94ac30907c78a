import { expect, inject, test } from "vitest";
import {
  add,
  argmax,
  assign,
  attention,
  compile,
  DeviceError,
  type DType,
  div,
  download,
  exp,
  int8Matrix,
  liveTensors,
  matmul,
  mul,
  NonFiniteError,
  ones,
  openDevice,
  quantizeInt8,
  ShapeError,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  topK,
  upload,
  zeros,
} from "../src/index.js";
import { device, fallbacks } from "./device.js";

const onGpu = device.name === "webgpu";
const inBrowser = "document" in globalThis;

test("runs on the device that was asked for", () => {
  expect(device.name).toBe(inject("device") ?? "cpu");
});

test.runIf(inBrowser)("the page may use threads", () => {
  expect(globalThis).toHaveProperty("crossOriginIsolated", true);
});

test.each<DType>(["float32", "float16", "int64", "int32", "bool", "uint8", "int8"])(
  "%s goes through a program unchanged",
  async (dtype) => {
    const x = tensor([0, 1, 1], { dtype });
    const [y] = await compile((given: Tensor) => [given], { device })(x);
    expect(y?.dtype).toBe(dtype);
    expect(await y?.data()).toEqual(x.dataSync());
  },
);

test("an input, a constant and one tensor twice can be returned", async () => {
  const constant = tensor([5]);
  const run = compile(
    (x: Tensor) => {
      const y = add(x, 1);
      return [x, constant, y, y];
    },
    { device },
  );
  const results = await run(tensor([1]));
  expect(await Promise.all(results.map((x) => x.item()))).toEqual([1, 5, 2, 2]);
  results[2]?.dispose();
  expect(await results[3]?.item()).toBe(2);
});

test("runs at once are taken in turn", async () => {
  const double = compile((x: Tensor) => mul(x, 2), { device });
  const triple = compile((x: Tensor) => mul(x, 3), { device });
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, i) => (i % 2 ? double : triple)(tensor([i]))),
  );
  expect(await Promise.all(results.map((x) => x.item()))).toEqual([0, 2, 6, 6, 12, 10, 18, 14]);
});

test("results that stay on the device are fed to the next program and freed", async () => {
  const before = liveTensors();
  await scope(async () => {
    const step = compile((x: Tensor) => add(x, 1), { device, keepOnDevice: true });
    let x = tensor([1, 2]);
    for (let i = 0; i < 3; i++) {
      const next = await step(x);
      x.dispose();
      x = next;
    }
    expect(x.place).toBe(onGpu ? "device" : "host");
    expect(await x.data()).toEqual(Float32Array.of(4, 5));
    expect(await x.data()).toEqual(Float32Array.of(4, 5)); // Reading leaves it usable.
    expect(await (await step(x)).data()).toEqual(Float32Array.of(5, 6));
    await step.release();
  });
  expect(liveTensors()).toBe(before);
});

test("results on the device outlive the program that made them", async () => {
  const before = liveTensors();
  const given = tensor([1, 2]);
  const [x] = await upload([given], device);
  expect(x?.place).toBe(onGpu ? "device" : "host");
  const down = device.traffic.down;
  const [y] = await download([x as Tensor], device);
  expect(y?.dataSync()).toEqual(Float32Array.of(1, 2));
  expect(device.traffic.down - down).toBe(8);
  for (const each of [given, x, y]) each?.dispose();
  expect(liveTensors()).toBe(before);
});

test("some results stay on the device, by their path, and the bytes that cross are counted", async () => {
  const step = compile((x: Tensor) => ({ kept: { x: add(x, 1) }, total: sum(x) }), {
    device,
    keepOnDevice: (path) => path.startsWith("kept."),
  });
  await step(ones([100]));
  const before = { ...device.traffic };
  const { kept, total } = await step(ones([100]));
  expect([kept.x.place, total.place]).toEqual([onGpu ? "device" : "host", "host"]);
  expect(device.traffic.up - before.up).toBe(400);
  expect(device.traffic.down - before.down).toBe(onGpu ? 4 : 404);
  const weights = zeros([100]);
  assign(weights, kept.x);
  expect([kept.x.place, (await weights.data())[0]]).toEqual(["disposed", 2]);
  expect(() => assign(weights, ones([99]))).toThrow(
    new ShapeError(
      "assign: float32[99] cannot become the elements of float32[100]; give that shape",
    ),
  );
  await step.release();
});

test.runIf(onGpu)("operators that the device lacks are named, or the program refused", async () => {
  const matrix = await quantizeInt8(ones([4, 4]));
  const product = (x: Tensor): Tensor => matmul(x, int8Matrix(matrix));
  fallbacks.length = 0;
  const run = compile(product, { device, name: "product" });
  await run(ones([2, 4]));
  expect(fallbacks.map(({ program }) => program)).toEqual(["product"]);
  expect(fallbacks[0]?.operators).toContain("MatMulIntegerToFloat");
  expect(fallbacks[0]?.message).toBe(
    `webgpu: "product" has operators that this device lacks: ${fallbacks[0]?.operators.join(", ")}`,
  );
  const strict = await openDevice("webgpu");
  await expect(compile(product, { device: strict })(ones([2, 4]))).rejects.toMatchObject({
    reason: "operators",
    message: expect.stringMatching(/lacks: .*MatMulIntegerToFloat.*; take another device/),
  });
  await strict.close();
  await run.release();
});

test.runIf(onGpu)(
  "a tensor on the device is not read without waiting, nor by another device",
  async () => {
    const x = await compile((y: Tensor) => add(y, 1), { device, keepOnDevice: true })(ones([1]));
    expect(() => x.dataSync()).toThrow(
      new TypeError("data: float32[1] is on webgpu; read it with await tensor.data()"),
    );
    const name = inBrowser ? "wasm" : "cpu";
    const other = await openDevice(name);
    await expect(compile((y: Tensor) => y, { device: other })(x)).rejects.toThrow(
      new DeviceError(
        `run: float32[1] is on webgpu, the program on ${name}; read it with data() and make a tensor of that`,
      ),
    );
    await other.close();
  },
);

test("a result that is not finite names the operator that made it first", async () => {
  const f = compile((x: Tensor) => mul(exp(sub(x, 1)), 2), {
    device,
    checkFinite: true,
    name: "loss",
  });
  expect(await (await f(tensor([1]))).data()).toEqual(Float32Array.of(2));
  const before = liveTensors();
  await expect(f(tensor([1000]))).rejects.toThrow(
    new NonFiniteError(
      "loss: a result is NaN or infinite: operator Exp_1 of inputs [1] made the first in its result [1]; look for log or division of 0, exp of large numbers, or a learning rate too high",
    ),
  );
  expect(liveTensors()).toBe(before + 1); // The argument.
});

test("an argument that is not finite is named too", async () => {
  const f = compile((x: Tensor, y: Tensor) => div(x, y), { device, checkFinite: true, name: "f" });
  await expect(f(ones([2]), tensor([1, Number.POSITIVE_INFINITY]))).resolves.toBeDefined();
  await expect(f(ones([2]), tensor([1, Number.NaN]))).rejects.toThrow(
    new NonFiniteError(
      "f: a result is NaN or infinite: input 1 (float32[2]) already is; look for log or division of 0, exp of large numbers, or a learning rate too high",
    ),
  );
});

test("of equals, argmax and topK take the first", async () => {
  const run = compile((x: Tensor) => [argmax(x, -1), topK(x, 3).indices], { device });
  const [first, top] = await run(tensor([[1, 7, 7, 2, 7]]));
  expect(await first?.data()).toEqual(Int32Array.of(1));
  expect(await top?.data()).toEqual(Int32Array.of(1, 2, 4));
});

test.runIf(onGpu)("argmax leaves nothing to the CPU", async () => {
  fallbacks.length = 0;
  const run = compile((x: Tensor) => argmax(x, 0), { device });
  expect(await (await run(tensor([3, 9, 9]))).data()).toEqual(Int32Array.of(1));
  expect(fallbacks).toEqual([]);
});

test("a query that may attend to nothing gets the mean of the values, not NaN", async () => {
  const v = tensor([[[[1], [2], [6]]]]);
  const run = compile((mask: Tensor) => attention(zeros([1, 1, 1, 1]), v, v, { mask }), { device });
  expect(await (await run(zeros([1, 3], "bool"))).item()).toBeCloseTo(3, 5);
});
