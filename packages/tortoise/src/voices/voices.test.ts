/// <reference types="node" />
import { type Audio, arMel, resample, tacotronMel } from "@hawksbill/audio";
import { encodeSafetensors, toFloat16 } from "@hawksbill/checkpoint";
import { Random, tensor } from "@hawksbill/core";
import {
  autoregressiveMel,
  blendVoices,
  decodeVoice,
  diffusionMels,
  encodeVoice,
  TortoiseError,
  type VoiceLatents,
} from "@hawksbill/tortoise";
import { expect, test } from "vitest";

const noise = (seconds: number, sampleRateHz: number): Audio => {
  const random = new Random(3);
  const samples = new Float32Array(Math.round(seconds * sampleRateHz));
  return { samples: samples.map(() => random.next() - 0.5), sampleRateHz };
};

/** With zeros behind. */
const padded = (samples: Float32Array, length: number): Float32Array => {
  const result = new Float32Array(length);
  result.set(samples.subarray(0, length));
  return result;
};

test("UnifiedVoice hears a short clip with silence behind", () => {
  const clip = noise(1, 22_050);
  expect(autoregressiveMel(clip, new Random(1))).toEqual(arMel(padded(clip.samples, 132_300)));
});

test("UnifiedVoice hears six seconds from anywhere in a long clip", () => {
  const clip = noise(7, 22_050);
  const start = new Random(1).integer(22_050 + 1);
  expect(autoregressiveMel(clip, new Random(1))).toEqual(
    arMel(clip.samples.slice(start, start + 132_300)),
  );
});

test("what is louder than ±1 is cut there, before UnifiedVoice and before another rate", () => {
  const { samples, sampleRateHz } = noise(1, 22_050);
  const loud = { samples: samples.map((x) => 4 * x), sampleRateHz };
  const cut = { samples: loud.samples.map((x) => Math.max(-1, Math.min(1, x))), sampleRateHz };
  expect(autoregressiveMel(loud, new Random(1))).toEqual(autoregressiveMel(cut, new Random(1)));
  expect(diffusionMels(loud)).toEqual(diffusionMels(cut));
});

test("the diffusion decoder hears the beginning, by way of 22,050 Hz or directly", () => {
  const clip = noise(5, 44_100);
  const original = resample(resample(clip.samples, 44_100, 22_050), 22_050, 24_000);
  const direct = resample(clip.samples, 44_100, 24_000);
  expect(diffusionMels(clip)).toEqual([tacotronMel(padded(original, 102_400))]);
  expect(diffusionMels(clip, { resampling: "direct" })).toEqual([
    tacotronMel(padded(direct, 102_400)),
  ]);
});

test('"chunks" hears all pieces, "files" their mean spectrogram', () => {
  const clip = noise(5, 24_000);
  const pieces = [clip.samples.slice(0, 102_400), padded(clip.samples.slice(102_400), 102_400)];
  const [first, second] = pieces.map((piece) => tacotronMel(piece));
  const options = { resampling: "direct" } as const;
  expect(diffusionMels(clip, { ...options, averaging: "chunks" })).toEqual([first, second]);
  const [mean] = diffusionMels(clip, { ...options, averaging: "files" });
  expect(mean?.data[1000]).toBeCloseTo(
    ((first?.data[1000] as number) + (second?.data[1000] as number)) / 2,
    5,
  );
});

const a: VoiceLatents = {
  autoregressive: Float32Array.of(1, 2),
  diffusion: Float32Array.of(0, 4, 8, 12),
};
const b: VoiceLatents = {
  autoregressive: Float32Array.of(3, 6),
  diffusion: Float32Array.of(4, 4, 4, 4),
};

test("blends voices by their weights", () => {
  expect(blendVoices([{ voice: a }, { voice: b }])).toEqual({
    autoregressive: Float32Array.of(2, 4),
    diffusion: Float32Array.of(2, 4, 6, 8),
  });
  expect(
    blendVoices([
      { voice: a, weight: 3 },
      { voice: b, weight: 1 },
    ]).autoregressive,
  ).toEqual(Float32Array.of(1.5, 3));
});

test("refuses to blend what cannot be", () => {
  expect(() => blendVoices([])).toThrow(
    new TortoiseError(
      "blendVoices: 0 voices have weights of 0 in all; give one voice or more, with weights of 0 or more that are not all 0",
    ),
  );
  const small = { ...b, autoregressive: Float32Array.of(1) };
  expect(() => blendVoices([{ voice: a }, { voice: small }])).toThrow(
    new TortoiseError(
      "blendVoices: the voices have 2 and 1 numbers; blend voices that one model made",
    ),
  );
});

test.each(["safetensors", "pth"] as const)("keeps a voice in a %s file", async (format) => {
  expect(await decodeVoice(encodeVoice(a, format))).toEqual(a);
});

test("reads latents in half precision", async () => {
  const rows = {
    autoregressive: tensor(a.autoregressive, { shape: [1, 2] }),
    diffusion: tensor(a.diffusion as Float32Array, { shape: [1, 4] }),
  };
  expect(await decodeVoice(encodeSafetensors(toFloat16(rows)))).toEqual(a);
});

test("reads the recordings that TorToiSe writes beside clips", async () => {
  const clips = [noise(1, 22_050), noise(2, 22_050)] as const;
  const file = encodeVoice(
    { autoregressive: clips[0].samples, diffusion: clips[1].samples },
    "pth",
  );
  expect(await decodeVoice(file)).toEqual(clips);
});
