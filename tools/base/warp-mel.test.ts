import { AR_MEL, arMel, MEL_NORMS, type Mel } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { warpMel } from "./warp-mel.js";

const tone = (hz: number): Mel =>
  arMel(
    Float32Array.from(
      { length: 8192 },
      (_, i) => 0.1 * Math.sin((2 * Math.PI * hz * i) / AR_MEL.sampleRateHz),
    ),
  );

/** In the middle of the sound. */
function loudestBand({ data, frames, bands }: Mel): number {
  const level = (band: number): number =>
    (data[band * frames + (frames >> 1)] as number) * (MEL_NORMS[band] as number);
  return [...Array(bands).keys()].reduce((a, b) => (level(b) > level(a) ? b : a));
}

test.each([
  [300, 1.25],
  [1000, 1.2],
  [3000, 0.85],
])("a tone of %d Hz, warped by %d, is where one of their product is", (hz, factor) => {
  const warped = loudestBand(warpMel(tone(hz), factor));

  expect(Math.abs(warped - loudestBand(tone(hz * factor)))).toBeLessThanOrEqual(1); // Bands overlap.
  expect(warped).not.toBe(loudestBand(tone(hz)));
});

test("a factor of 1 changes nothing", () => {
  const mel = tone(200);

  const { data } = warpMel(mel, 1);

  for (const [i, x] of data.entries()) expect(x).toBeCloseTo(mel.data[i] as number, 5);
});
