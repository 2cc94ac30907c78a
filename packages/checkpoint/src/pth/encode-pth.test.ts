/// <reference types="node" />
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tree, tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { encodePth, openCheckpoint } from "../index.js";
import { pickle } from "./pickle-writer.js";
import { ZipWriter } from "./zip-writer.js";

const weight = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const tensors = {
  weight,
  shared: weight,
  half: tensor(Uint16Array.of(0x3c00, 0xc000)),
  longs: tensor(BigInt64Array.of(2n ** 62n, -5n)),
  ints: tensor(Int32Array.of(7)),
  flags: tensor(Uint8Array.of(1, 0), { dtype: "bool" }),
  bytes: tensor(Uint8Array.of(200)),
  signed: tensor(Int8Array.of(-3)),
  scalar: tensor(3.5),
  empty: tensor(new Float32Array(0), { shape: [0, 4] }),
  "naïve ☃": tensor([1]),
};
const settings = {
  step: 5,
  rate: 1e-4,
  large: 2 ** 40,
  negative: -70_000,
  minusZero: -0,
  list: [1, null, true, "x", [], {}],
};
const tree: Tree = { model: tensors, ...settings, left: undefined };

test("is read again as it was", async () => {
  const checkpoint = await openCheckpoint(encodePth(tree));
  expect(checkpoint.values).toEqual(settings);
  for (const [name, x] of Object.entries(tensors)) {
    const read = checkpoint.tensors[`model.${name}`];
    expect([read?.dtype, read?.shape]).toEqual([x.dtype, x.shape]);
    expect(await read?.data()).toEqual(x.dataSync());
  }
});

test("texts about it are beside the tensors, and read again; a stranger's are passed over", async () => {
  const metadata = { step: "5", "naïve ☃": "é" };
  expect(await openCheckpoint(encodePth(tree, metadata))).toMatchObject({ metadata });
  expect((await openCheckpoint(encodePth(tree))).metadata).toEqual({});
  const zip = new ZipWriter();
  const { bytes } = pickle({ step: 5 }, "m.pth");
  const strange = new TextEncoder().encode('{"a":[1]');
  const parts = [
    ...[zip.header("m/data.pkl", bytes.length, 0), bytes],
    ...[zip.header("m/extra/metadata.json", strange.length, 0), strange],
    zip.end(),
  ];
  expect((await openCheckpoint(new Uint8Array(Buffer.concat(parts)))).metadata).toEqual({});
});

test("a tensor that is there twice is stored once", () => {
  const large = tensor(new Float32Array(10_000));
  expect(encodePth({ a: large, b: large }).length).toBeLessThan(42_000);
});

test("refuses what a .pth cannot hold, by name", () => {
  const bad = { settings: [1, new Map()] } as unknown as Tree;
  expect(() => encodePth(bad)).toThrow(
    'encodePth: "settings.1" is a Map; give tensors, numbers, texts, or plain objects and arrays of them',
  );
});

const script = `
import json, sys, torch
x = torch.load(sys.argv[1], weights_only=True, mmap=True)
m = x.pop("model")
print(json.dumps([{k: [str(v.dtype), list(v.shape), v.tolist()] for k, v in m.items()}, x,
    m["weight"].data_ptr() == m["shared"].data_ptr(), m["weight"].data_ptr() % 64]))`;
const python = (...args: string[]) => spawnSync("python3", args, { encoding: "utf8" });
const find = 'import importlib.util as u; raise SystemExit(u.find_spec("torch") is None)';
const hasTorch = python("-c", find).status === 0;

test.skipIf(!hasTorch)(
  "torch.load reads it (needs python3 with torch)",
  { timeout: 120_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "hawksbill-pth-"));
    const path = join(folder, "m.pth");
    writeFileSync(path, encodePth(tree, { step: "5" }));
    const { stdout, stderr } = python("-c", script, path);
    rmSync(folder, { recursive: true });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      {
        weight: [
          "torch.float32",
          [2, 3],
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
        shared: [
          "torch.float32",
          [2, 3],
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
        half: ["torch.float16", [2], [1, -2]],
        longs: ["torch.int64", [2], [Number(2n ** 62n), -5]],
        ints: ["torch.int32", [1], [7]],
        flags: ["torch.bool", [2], [true, false]],
        bytes: ["torch.uint8", [1], [200]],
        signed: ["torch.int8", [1], [-3]],
        scalar: ["torch.float32", [], 3.5],
        empty: ["torch.float32", [0, 4], []],
        "naïve ☃": ["torch.float32", [1], [1]],
      },
      settings,
      true,
      0,
    ]);
  },
);
