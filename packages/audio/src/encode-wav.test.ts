import { expect, test } from "vitest";
import { AudioError } from "./audio-error.js";
import { decodeWav } from "./decode-wav.js";
import { encodeWav } from "./encode-wav.js";

const samples = Float32Array.of(0, 0.5, -0.5, 0.25, -1);

test.each([16, 24, 32, "float"] as const)("comes back exactly from %s bits", (bits) => {
  const { channels, sampleRateHz, warnings } = decodeWav(
    encodeWav({ samples, sampleRateHz: 22_050 }, { bits }),
  );
  expect(channels).toEqual([samples]);
  expect(sampleRateHz).toBe(22_050);
  expect(warnings).toEqual([]);
});

test("writes 16 bits unless told otherwise", () => {
  expect(encodeWav({ samples, sampleRateHz: 22_050 }).length).toBe(44 + 2 * samples.length);
});

test("keeps channels apart", () => {
  const channels = [Float32Array.of(0.5, 0.25), Float32Array.of(-0.5, 0)];
  expect(decodeWav(encodeWav({ channels, sampleRateHz: 8000 })).channels).toEqual(channels);
});

test("clips PCM at full scale, and keeps float as it is", () => {
  const loud = { samples: Float32Array.of(2, -2), sampleRateHz: 8000 };
  expect(decodeWav(encodeWav(loud)).channels).toEqual([Float32Array.of(32767 / 32768, -1)]);
  expect(decodeWav(encodeWav(loud, { bits: "float" })).channels).toEqual([loud.samples]);
});

test("pads an odd number of bytes", () => {
  const bytes = encodeWav({ samples: samples.subarray(0, 1), sampleRateHz: 8000 }, { bits: 24 });
  expect(bytes.length).toBe(48);
  expect(decodeWav(bytes).channels).toEqual([samples.subarray(0, 1)]);
});

test.each([
  [
    { samples: Float32Array.of(0, Number.NaN), sampleRateHz: 8000 },
    "encodeWav: sample 1 of channel 0 is NaN; give finite samples.",
  ],
  [
    { samples, sampleRateHz: 0 },
    "encodeWav: sample rate is 0 Hz; give a whole number above 0, e.g. 22050.",
  ],
  [{ channels: [], sampleRateHz: 8000 }, "encodeWav: there are 0 channels; give 1 to 65535."],
  [
    { channels: [samples, samples.subarray(1)], sampleRateHz: 8000 },
    "encodeWav: channel 1 has 4 samples and channel 0 has 5; give channels of one length.",
  ],
])("refuses what a file cannot hold (%#)", (audio, message) => {
  expect(() => encodeWav(audio)).toThrow(new AudioError(message));
});
