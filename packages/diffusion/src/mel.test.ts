import { TACOTRON_RANGE } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { toLogMel } from "./mel.js";

test("what the model makes spans the range of audio's mel spectrogram", () => {
  const { low, high } = TACOTRON_RANGE;
  expect(toLogMel(Float32Array.of(-1, 0, 1))).toEqual(Float32Array.of(low, (low + high) / 2, high));
});
