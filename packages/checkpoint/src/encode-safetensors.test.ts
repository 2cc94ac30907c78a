import { tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { CheckpointError, decodeSafetensors, encodeSafetensors } from "./index.js";

test("keeps names, order, shapes, dtypes, values and metadata", () => {
  const tensors = {
    "a.bias": tensor(Int8Array.of(-1, 2, 3)),
    "a.weight": tensor([
      [1, 2],
      [3, 4],
    ]),
    scale: tensor(0.5),
    steps: tensor(BigInt64Array.of(2n ** 60n)),
    mask: tensor(Uint8Array.of(1, 0), { dtype: "bool" }),
  };

  const read = decodeSafetensors(encodeSafetensors(tensors, { step: "12" }));

  expect(Object.entries(read.tensors).map(([name, x]) => [name, x.dtype, x.shape])).toEqual([
    ["a.bias", "int8", [3]],
    ["a.weight", "float32", [2, 2]],
    ["scale", "float32", []],
    ["steps", "int64", [1]],
    ["mask", "bool", [2]],
  ]);
  for (const [name, x] of Object.entries(tensors))
    expect(read.tensors[name]?.dataSync()).toEqual(x.dataSync());
  expect(read.metadata).toEqual({ step: "12" });
});

test("begins every tensor's data at a multiple of its width, so that reading copies nothing", () => {
  const bytes = encodeSafetensors({ odd: tensor(Uint8Array.of(1)), wide: tensor([1, 2]) });

  const { tensors } = decodeSafetensors(bytes);

  expect(tensors.wide?.dataSync().buffer).toBe(bytes.buffer);
});

test("writes a file without tensors", () => {
  expect(decodeSafetensors(encodeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
});

test("writes one tensor under two names", () => {
  const shared = tensor([1, 2]);

  const { tensors } = decodeSafetensors(encodeSafetensors({ a: shared, b: shared }));

  expect(tensors.b?.dataSync()).toEqual(tensors.a?.dataSync());
});

test("takes the names of JavaScript's own properties like any others", () => {
  const names = ["__proto__", "constructor", "toString", "10", ""];
  const named = Object.fromEntries(names.map((name) => [name, tensor([1])]));

  const { tensors, metadata } = decodeSafetensors(
    encodeSafetensors(named, Object.fromEntries([["__proto__", "text"]])),
  );

  expect(Object.keys(tensors).sort()).toEqual(names.sort());
  expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
  expect(Object.entries(metadata)).toEqual([["__proto__", "text"]]);
});

test("refuses what it could not read again", () => {
  expect(() => encodeSafetensors({ __metadata__: tensor([1]) })).toThrow(
    new CheckpointError(
      "encodeSafetensors",
      "is a name the format keeps for itself; rename the tensor",
      {
        tensor: "__metadata__",
      },
    ),
  );
  const metadata = { step: 12 } as unknown as Record<string, string>;
  expect(() => encodeSafetensors({}, metadata)).toThrow(
    'encodeSafetensors: metadata "step" is number; give a string, e.g. by JSON.stringify',
  );
});
