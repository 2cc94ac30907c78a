import { tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { CheckpointError, decodeSafetensors, encodeSafetensors } from "./index.js";

const valid = encodeSafetensors(
  {
    "layer.weight": tensor(new Float32Array(6), { shape: [2, 3] }),
    "layer.bias": tensor(new Uint16Array(3)),
    mask: tensor(Uint8Array.of(1, 0, 1), { dtype: "bool" }),
    empty: tensor(new Float32Array(0), { shape: [0, 4] }),
  },
  { step: "1" },
);
const headerEnd = 8 + Number(new DataView(valid.buffer).getBigUint64(0, true));

/** Numbers in [0, below) from a linear congruential generator: the same files in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Damage = (bytes: Uint8Array, random: (below: number) => number) => Uint8Array;

const damages: Record<string, Damage> = {
  "changes bytes of the header": (bytes, random) => {
    for (let n = 1 + random(4); n > 0; n--) bytes[random(headerEnd)] = random(256);
    return bytes;
  },
  "swaps letters that JSON is made of": (bytes, random) => {
    const letters = new TextEncoder().encode('{}[]",:0129-.eE\\ FI');
    for (let n = 1 + random(3); n > 0; n--)
      bytes[8 + random(headerEnd - 8)] = letters[random(letters.length)] ?? 0;
    return bytes;
  },
  "cuts the file short": (bytes, random) => bytes.subarray(0, random(bytes.length)),
  "takes out a piece": (bytes, random) => {
    const start = random(bytes.length);
    const end = Math.min(bytes.length, start + 1 + random(20));
    return Uint8Array.of(...bytes.subarray(0, start), ...bytes.subarray(end));
  },
  "repeats a piece": (bytes, random) => {
    const start = random(headerEnd);
    const end = start + 1 + random(20);
    return Uint8Array.of(...bytes.subarray(0, end), ...bytes.subarray(start));
  },
  "is noise": (_, random) => Uint8Array.from({ length: random(200) }, () => random(256)),
};

test.each(Object.entries(damages))(
  "a file that %s is read or refused, never worse",
  (_, damage) => {
    const random = randomNumbers(7);
    let refused = 0;
    for (let round = 0; round < 500; round++) {
      const bytes = damage(valid.slice(), random);
      try {
        const { tensors } = decodeSafetensors(bytes, "fuzz");
        for (const x of Object.values(tensors)) expect(x.dataSync().length).toBe(x.size);
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        refused++;
      }
    }
    // Some changes do no harm, such as a letter of a name.
    expect(refused).toBeGreaterThan(250);
  },
);
