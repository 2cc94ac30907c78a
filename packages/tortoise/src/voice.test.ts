import { arMel } from "@hawksbill/audio";
import type { Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import { conditioningWindow, hearingOf } from "./voice.js";
import { autoregressiveMel } from "./voices/conditioning-mels.js";

const hearing = hearingOf({ settings: {} });

function hum(seconds: number): Float32Array {
  return Float32Array.from(
    { length: seconds * 22_050 },
    (_, i) => Math.sin(i / 9) * Math.sin(i / 4000),
  );
}

test.each([
  ["a short clip", 2],
  ["a clip of 6 s", 6],
  ["a long clip", 7],
])("TorToiSe's model hears of %s in training what it hears in speaking", (_, seconds) => {
  const samples = hum(seconds);
  const start = { integer: () => 0 } as unknown as Random;

  const { data, frames } = conditioningWindow(arMel(samples), { hearing });
  const spoken = autoregressiveMel({ samples, sampleRateHz: 22_050 }, start);

  expect(frames).toBe(spoken.frames);
  // Frames of 1024 samples every 256: the three around the end see beyond it, where one side has a reflection.
  const end = Math.min(frames, Math.floor((seconds * 22_050) / 256));
  const differing = [...data.keys()]
    .filter((i) => Math.abs((data[i] as number) - (spoken.data[i] as number)) > 1e-4)
    .map((i) => i % frames);
  for (const frame of differing) expect(Math.abs(frame - end)).toBeLessThan(3);
});

test("Hawksbill's small models hear 1.5 s, and shorter clips again", () => {
  const mel = arMel(hum(1));
  const small = hearingOf({ settings: { learningRate: 1e-3 } });

  const { data, frames } = conditioningWindow(mel, { hearing: small });

  expect(frames).toBe(128);
  expect(data[mel.frames]).toBe(mel.data[0]);
});

test("chance chooses where a window begins", () => {
  const mel = arMel(hum(7));
  const last = { integer: (n: number) => n - 1 } as unknown as Random;

  const { data, frames } = conditioningWindow(mel, { hearing, random: last });

  expect(data[frames - 1]).toBe(mel.data[mel.frames - 1]);
});
