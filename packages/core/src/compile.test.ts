import { InferenceSession } from "onnxruntime-node";
import { afterAll, expect, test } from "vitest";
import { compile, evaluate } from "./compile.js";
import { ones, tensor, zeros } from "./create-tensor.js";
import type { Device } from "./device.js";
import { openDevice } from "./open-device.js";
import { add, gelu, mul } from "./ops/arithmetic.js";
import { pad, reshape, slice, split } from "./ops/layout.js";
import { layerNorm } from "./ops/norms.js";
import { conv1d, matmul } from "./ops/products.js";
import { liveTensors, scope } from "./scope.js";
import { DisposedError, type Tensor } from "./tensor.js";

const device = await openDevice("cpu");
afterAll(() => device.close());

test("a function is traced once for each combination of shapes, dtypes and settings", async () => {
  let traced = 0;
  const scale = compile(
    (x: Tensor, options: { by: number; name?: string }) => {
      traced++;
      return mul(x, options.by);
    },
    { device },
  );
  await scale(ones([2]), { by: 2 });
  await scale(zeros([2]), { by: 2 });
  expect([traced, scale.programCount]).toEqual([1, 1]);
  await scale(ones([3]), { by: 2 }); // shape
  await scale(ones([2], "int32"), { by: 2 }); // dtype
  await scale(ones([2]), { by: 3 }); // setting
  await scale(ones([2]), { by: 2, name: "a" }); // another setting
  await scale(ones([2]), { by: 2, name: "a" });
  expect([traced, scale.programCount]).toEqual([5, 5]);
  await scale.release();
  expect(scale.programCount).toBe(0);
});

test("programs of other lengths share a session where they hold none", async () => {
  const weight = tensor([
    [1, 2],
    [3, 4],
  ]);
  let loaded = 0;
  let released = 0;
  const counting: Device = {
    ...device,
    async load(...args) {
      loaded++;
      const session = await device.load(...args);
      return { ...session, release: () => session.release().finally(() => released++) };
    },
  };
  const options = { device: counting, anyLength: true };
  const pairs = compile((x: Tensor) => matmul(reshape(x, [-1, 2]), weight), options);
  for (const length of [2, 6, 4]) {
    const y = await pairs(ones([length]));
    expect(y.shape).toEqual([length / 2, 2]);
    expect(await y.data()).toEqual(Float32Array.from({ length }, (_, i) => (i % 2 ? 6 : 4)));
  }
  expect([loaded, pairs.programCount]).toEqual([1, 3]);
  await pairs.release();
  expect(released).toBe(1);

  const ends = compile((x: Tensor) => slice(x, { axis: 0, start: x.size - 1 }), options);
  expect(await (await ends(tensor([1, 2]))).data()).toEqual(Float32Array.of(2));
  expect(await (await ends(tensor([1, 2, 3]))).data()).toEqual(Float32Array.of(3));
  expect(loaded).toBe(3);
  await ends.release();
});

test("release frees the programs that loaded, though another fails to", async () => {
  const released: string[] = [];
  const fragile: Device = {
    ...device,
    async load(graph, options) {
      const session = await device.load(graph, options);
      const [shape] = graph.inputs.map((input) => `${input.shape}`);
      if (shape === "1") throw new Error("no");
      return { ...session, release: async () => void released.push(`${shape}`) };
    },
  };
  const twice = compile((x: Tensor) => mul(x, 2), { device: fragile });
  const runs = Promise.allSettled([1, 2, 3].map((size) => twice(ones([size]))));
  await twice.release();
  expect(released).toEqual(["2", "3"]);
  await runs;
});

test("settings that JSON cannot tell apart are told apart", async () => {
  let traced = 0;
  const f = compile(
    (x: Tensor, _: number | null | undefined | string) => {
      traced++;
      return x;
    },
    { device },
  );
  for (const setting of [Number.NaN, Number.POSITIVE_INFINITY, null, undefined, "NaN", "null"])
    await f(ones([1]), setting);
  expect(traced).toBe(6);
});

test("no more programs are kept than asked: the longest unused goes first", async () => {
  const traced: number[] = [];
  const f = compile(
    (x: Tensor) => {
      traced.push(x.size);
      return x;
    },
    { device, maxPrograms: 2 },
  );
  for (const size of [1, 2, 1, 3, 1, 2]) await f(ones([size]));
  expect(traced).toEqual([1, 2, 3, 2]);
  expect(f.programCount).toBe(2);
});

test("a program that others push out ends its runs first", async () => {
  const twice = compile((x: Tensor) => mul(x, 2), { device, maxPrograms: 1 });
  const results = await Promise.all([1, 2, 3].map((size) => twice(ones([size]))));
  expect(results.map((x) => x.size)).toEqual([1, 2, 3]);
  expect(twice.programCount).toBe(1);
});

test("calls at once share one program and give each its result", async () => {
  const twice = compile((x: Tensor) => mul(x, 2), { device });
  const results = await Promise.all([1, 2, 3].map((n) => twice(tensor([n]))));
  expect(await Promise.all(results.map((x) => x.item()))).toEqual([2, 4, 6]);
  expect(twice.programCount).toBe(1);
});

test("the result has the form that the function gives, settings included", async () => {
  const f = compile((x: Tensor) => ({ list: [x, add(x, 1)], label: "a", none: undefined }), {
    device,
  });
  const { list, label, none } = await f(tensor([1]));
  expect(list.map((x) => x.dataSync())).toEqual([Float32Array.of(1), Float32Array.of(2)]);
  expect([label, none]).toEqual(["a", undefined]);
});

test("arguments may be trees; tensors from elsewhere are constants", async () => {
  const bias = tensor([10]);
  const f = compile(
    (weights: Record<string, Tensor>, x: Tensor) => add(mul(weights.w as Tensor, x), bias),
    { device },
  );
  expect(await (await f({ w: tensor([2]) }, tensor([3]))).item()).toBe(16);
});

test("a run makes the tensors it returns and no others", async () => {
  const f = compile((x: Tensor) => [add(x, 1), add(x, 2)], { device });
  const x = ones([2]);
  await f(x);
  const before = liveTensors();
  for (const result of await f(x)) result.dispose();
  await scope(async () => {
    await f(x);
  });
  expect(liveTensors()).toBe(before);
});

test("a program can be read: a line an operator", () => {
  const affine = compile((x: Tensor) => add(mul(x, 2), 1), { device });
  expect(affine.program(zeros([3])).toString()).toBe(
    [
      "input input_0: float32[3]",
      "Mul_0: float32[3] = Mul(input_0, constant_0)",
      "Add_1: float32[3] = Add(Mul_0, constant_1)",
      "output_0: float32[3] = Identity(Add_1)",
    ].join("\n"),
  );
});

test("a program's bytes are an ONNX model: ONNX Runtime reads names, dtypes and shapes from them", async () => {
  const f = compile(
    (x: Tensor, w: Tensor, mask: Tensor) => [conv1d(x, w, undefined, { stride: 2 }), mask],
    { device },
  );
  const { onnx } = f.program(zeros([1, 2, 9]), zeros([3, 2, 3]), zeros([4], "bool"));
  const session = await InferenceSession.create(onnx);
  const described = [...session.inputMetadata, ...session.outputMetadata].map((value) =>
    value.isTensor ? `${value.name}: ${value.type}[${value.shape}]` : value.name,
  );
  expect(described).toEqual([
    "input_0: float32[1,2,9]",
    "input_1: float32[3,2,3]",
    "input_2: bool[4]",
    "output_0: float32[1,3,4]",
    "output_1: bool[4]",
  ]);
  await session.release();
});

test("small constants occur once, unread results are not written, and unused work is left out", () => {
  const f = compile(
    (x: Tensor) => {
      gelu(x, "tanh");
      const [first] = split(x, 2, 0);
      return [mul(pad(x, [[1, 1]]), 2), mul(x, 2), first, layerNorm(x, ones([4]), zeros([4]))];
    },
    { device },
  );
  const { graph } = f.program(zeros([4]));
  expect(graph.nodes.filter((node) => node.op !== "Identity").map((node) => node.op)).toEqual([
    "Split",
    "Pad",
    "Mul",
    "Mul",
    "LayerNormalization",
  ]);
  const scalars = graph.constants.filter(
    ({ dtype, shape }) => dtype === "float32" && shape.length === 0,
  );
  expect(scalars.map(({ data }) => data)).toEqual([new Float32Array([0]), new Float32Array([2])]);
  expect(graph.nodes.find((node) => node.op === "LayerNormalization")?.outputs.slice(1)).toEqual([
    "",
    "",
  ]);
});

test("an async function is refused, whatever becomes of its promise", async () => {
  const f = compile(async (x: Tensor) => x.data(), { device, name: "load" });
  await expect(f(ones([1]))).rejects.toThrow(
    new TypeError("compile: load is async; give a function that only composes operators"),
  );
});

test("a function without tensors in its result is refused", async () => {
  const f = compile((x: Tensor) => x.rank, { device, name: "rank" });
  await expect(f(ones([1]))).rejects.toThrow(
    new TypeError("compile: rank returned no tensor; return a tensor or a tree of them"),
  );
  expect(f.programCount).toBe(0);
});

test("an error inside the function reaches the caller, and the next call traces again", async () => {
  let broken = true;
  const f = compile(
    (x: Tensor) => {
      if (broken) throw new RangeError("no");
      return x;
    },
    { device },
  );
  await expect(f(ones([1]))).rejects.toThrow(new RangeError("no"));
  broken = false;
  expect(await (await f(ones([1]))).item()).toBe(1);
});

test("a disposed argument is named with its program", async () => {
  const step = compile((x: Tensor) => x, { device, name: "step" });
  const x = ones([1]);
  x.dispose();
  await expect(step(x)).rejects.toThrow(
    new DisposedError(
      "step: float32[1] was disposed of; use it before dispose() or before its scope ends, or return it from the scope",
    ),
  );
});

test("room for no program is refused", () => {
  expect(() => compile((x: Tensor) => x, { device, maxPrograms: 0 })).toThrow(
    new RangeError("compile: maxPrograms is 0; give a number >= 1"),
  );
});

test("evaluate gives the value of an expression", async () => {
  const { sum } = await evaluate({ sum: add(tensor([1]), 2) }, device);
  expect(await sum.item()).toBe(3);
});
