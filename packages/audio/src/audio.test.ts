import { expect, test } from "vitest";
import { toMono } from "./audio.js";
import { AudioError } from "./audio-error.js";

const stereo = {
  channels: [Float32Array.of(1, 0.5), Float32Array.of(0, -0.5)],
  sampleRateHz: 22_050,
};

test("mixes channels to their average", () => {
  expect(toMono(stereo)).toEqual({ samples: Float32Array.of(0.5, 0), sampleRateHz: 22_050 });
});

test("takes the channel asked for", () => {
  expect(toMono(stereo, { channel: 1 }).samples).toEqual(Float32Array.of(0, -0.5));
});

test("refuses a channel that is not there", () => {
  expect(() => toMono(stereo, { channel: 2 })).toThrow(
    new AudioError("toMono: there is no channel 2; give 0 to 1."),
  );
  expect(() => toMono({ channels: [], sampleRateHz: 22_050 })).toThrow(
    new AudioError("toMono: there are 0 channels; give at least 1."),
  );
});
