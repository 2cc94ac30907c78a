import { expect, test } from "vitest";
import { SpeedChanger } from "./speed-changer.js";

const rate = 24_000;
const pitchHz = 150;
const tone = Float32Array.from(
  { length: 0.6 * rate },
  (_, i) => 0.5 * Math.sin((2 * Math.PI * pitchHz * i) / rate),
);

function changed(speed: number, pieceSamples: number): Float32Array {
  const changer = new SpeedChanger(rate, speed);
  const samples: number[] = [];
  for (let at = 0; at < tone.length; at += pieceSamples)
    samples.push(...changer.push(tone.subarray(at, at + pieceSamples)));
  return Float32Array.from([...samples, ...changer.finish()]);
}

test.each([0.25, 0.8, 1.5, 4])("changes the length and not the pitch, at %d", (speed) => {
  const samples = changed(speed, 5000);
  const inside = samples.subarray(rate / 20, samples.length - rate / 20);

  // A window of 40 ms more or less.
  expect(Math.abs(samples.length - tone.length / speed)).toBeLessThan(0.06 * rate);
  const rises = inside.filter((sample, i) => i > 0 && sample >= 0 && (inside[i - 1] as number) < 0);
  expect(rises.length / (inside.length / rate)).toBeCloseTo(pitchHz, -1); // Within 5 Hz.
  expect(inside.reduce((a, b) => Math.max(a, b))).toBeCloseTo(0.5, 1);
});

test("gives the same however the pieces are cut", () => {
  expect(changed(1.3, 700)).toEqual(changed(1.3, 9000));
});

test("leaves the sound as it is at 1", () => {
  expect(changed(1, 480)).toEqual(tone);
});
