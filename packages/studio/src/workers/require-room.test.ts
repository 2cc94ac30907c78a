import { expect, test } from "vitest";
import { requireRoom } from "./require-room.js";

const released = {
  parameters: 421_526_786,
  layers: 30,
  modelDim: 1024,
  heads: 16,
  codes: 8194,
  codesPerSecond: 22_050 / 1024,
};
const dataset = { clips: 200, longestSeconds: 8, longestText: 100 };
const wasm = { name: "wasm", limits: { memoryBytes: 4 * 2 ** 30 } } as const;

test("refuses what a device has no memory for", () => {
  expect(() => requireRoom(wasm, released, dataset, { rank: 0, batchSize: 1 })).toThrow(
    /^Fine-tuning would take about \d{4} MB of memory, and wasm has 4096 MB; take fewer clips a step/,
  );
  expect(() => requireRoom(wasm, released, dataset, { rank: 8, batchSize: 1 })).not.toThrow();
  expect(() => requireRoom(wasm, released, dataset, { rank: 8, batchSize: 100 })).toThrow();
});

test("refuses nothing where a device does not tell how much it has", () => {
  const webgpu = { name: "webgpu", limits: {} } as const;
  expect(() => requireRoom(webgpu, released, dataset, { rank: 0, batchSize: 100 })).not.toThrow();
});
