import { expect, test } from "vitest";
import { runCli } from "../../test/run-cli.js";
import { sentence } from "./devices.js";

test("lists the devices, and what auto takes", async () => {
  const { code, out } = await runCli(["devices", "--json"]);
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(code).toBe(0);
  const { name, works, float16, weightBits, keepsResults } = events[0];
  expect({ name, works, float16, weightBits, keepsResults }).toEqual({
    ...{ name: "cpu", works: true, float16: true, weightBits: [8, 4], keepsResults: false },
  });
  expect(events.slice(0, -1).map((event) => event.name)).toEqual([
    "cpu",
    "webgpu",
    "cuda",
    "dml",
    "coreml",
  ]);
  expect(events.at(-1)).toMatchObject({ type: "auto", why: expect.stringMatching(/^"/) });
});

test("tells of a device in a line", () => {
  expect(
    sentence({
      ...{ name: "webgpu", works: true, testMs: 3.456, float16: false, keepsResults: true },
      weightBits: [8, 4],
      limits: { tensorBytes: 2 ** 30, memoryBytes: 2 ** 32 },
    }),
  ).toBe(
    "webgpu: works. test program 3.5 ms; no float16; speaks with weights of 8 and 4 bits; weights stay on it in training; largest tensor 1 GB; memory 4 GB",
  );
  expect(sentence({ name: "cuda", works: false, why: "No library." })).toBe(
    "cuda: no. No library.",
  );
});
