/// <reference types="node" />
import { readFileSync } from "node:fs";
import { tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { CheckpointError, encodePth, encodeSafetensors, openCheckpoint } from "./index.js";

const fixture = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/${path}`, import.meta.url)));

const files: Readonly<Record<string, Uint8Array>> = {
  "torch's zip": fixture("pth/nested_zip.pth"),
  "our zip": encodePth({ model: { weight: tensor([[1, 2]]), bias: tensor([3]) }, step: 1 }),
  "packed zip": fixture("pth-made/packed.pth"),
  "legacy .pth": fixture("pth/state_dict_legacy.pth"),
  "protocol 5": fixture("pth-made/values-protocol-5.pth"),
  safetensors: encodeSafetensors({ weight: tensor([[1, 2]]), bias: tensor([3]) }, { step: "1" }),
};

type Random = (below: number) => number;

/** Numbers in [0, below) from a linear congruential generator: the same files in every run. */
function randomNumbers(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const damages: Readonly<Record<string, (bytes: Uint8Array, random: Random) => Uint8Array>> = {
  "cut short": (bytes, random) => bytes.subarray(0, random(bytes.length)),
  "with flipped bits": (bytes, random) => {
    for (let n = 1 + random(4); n > 0; n--) {
      const at = random(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    }
    return bytes;
  },
  "with other bytes at the start": (bytes, random) => {
    for (let n = 1 + random(4); n > 0; n--)
      bytes[random(Math.min(bytes.length, 1500))] = random(256);
    return bytes;
  },
  "with other bytes at the end": (bytes, random) => {
    for (let n = 1 + random(4); n > 0; n--)
      bytes[bytes.length - 1 - random(Math.min(bytes.length, 500))] = random(256);
    return bytes;
  },
  "with a piece less": (bytes, random) => {
    const start = random(bytes.length);
    const end = Math.min(bytes.length, start + 1 + random(20));
    return Uint8Array.of(...bytes.subarray(0, start), ...bytes.subarray(end));
  },
  "with a piece twice": (bytes, random) => {
    const start = random(bytes.length);
    const end = Math.min(bytes.length, start + 1 + random(200));
    return Uint8Array.of(...bytes.subarray(0, end), ...bytes.subarray(start));
  },
};

const rounds = 60; // With 6 files and 6 damages, 2,160 cases.
const cases = Object.entries(files).flatMap(([kind, bytes]) =>
  Object.entries(damages).map(([how, damage]) => ({ kind, how, bytes, damage })),
);

test.each(cases)("$kind $how is read or refused by name, within a second", async (each) => {
  const random = randomNumbers(each.how.length * each.kind.length);
  for (let round = 0; round < rounds; round++) {
    const bytes = each.damage(each.bytes.slice(), random);
    const start = performance.now();
    const error = await readAll(bytes).catch((problem: unknown) => problem);
    expect(performance.now() - start).toBeLessThan(1000);
    if (error === undefined) continue; // Some changes do no harm, such as one in an unused field.
    if (!(error instanceof CheckpointError)) throw error;
    expect(error.message).toMatch(/^fuzz\.pth: ./);
  }
});

test("all of that took less than 200 MB", () => {
  expect(process.resourceUsage().maxRSS * 1024 - before).toBeLessThan(200e6);
});
const before = process.resourceUsage().maxRSS * 1024;

async function readAll(bytes: Uint8Array): Promise<void> {
  const { tensors } = await openCheckpoint(bytes, { name: "fuzz.pth" });
  for (const x of Object.values(tensors)) expect(await x.data()).toHaveLength(x.size);
}
