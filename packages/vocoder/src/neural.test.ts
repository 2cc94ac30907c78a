/// <reference types="node" />
import { readFileSync } from "node:fs";
import { decodeSafetensors, toFloat16 } from "@hawksbill/checkpoint";
import { liveTensors, openDevice, Random, subtree, type Weights, zeros } from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import { HifiganDecoder, inferHifiganConfig, inferUnivnetConfig, Univnet } from "./index.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

function weightsOf(name: string): Weights {
  const bytes = readFileSync(new URL(`../fixtures/${name}.safetensors`, import.meta.url));
  return subtree(decodeSafetensors(bytes).tensors, "weights");
}

const weights = { univnet: weightsOf("univnet"), hifigan: weightsOf("hifigan_decoder") };
const univnet = Univnet.create(weights.univnet, device);
const decoder = HifiganDecoder.create(weights.hifigan, device);
const { bands, noiseDim } = univnet.config;
const { latentDim, speakerDim } = decoder.config;
const random = new Random(5);
const noise = (length: number) => random.normal([length]).dataSync() as Float32Array;
const melOf = (frames: number) => ({ data: noise(bands * frames), bands, frames });
const voice = noise(speakerDim);

const largestDifference = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number))));

test("a long mel in chunks sounds as it does whole", async () => {
  const mel = melOf(150);
  const options = { noise: noise(noiseDim * 160) };
  const whole = await univnet.inference(mel, options);
  const chunks = await univnet.inference(mel, { ...options, chunkFrames: 70 });
  expect(chunks.samples.length).toBe(whole.samples.length);
  // Each sample is the same sums; the matrices' sizes may change their order.
  expect(largestDifference(chunks.samples, whole.samples)).toBeLessThan(1e-6);
});

test("long latents in chunks sound as they do whole", async () => {
  const latents = noise(latentDim * 50);
  const whole = await decoder.inference(latents, voice);
  const chunks = await decoder.inference(latents, voice, { chunkFrames: 80 });
  expect(chunks.samples.length).toBe(whole.samples.length);
  expect(largestDifference(chunks.samples, whole.samples)).toBeLessThan(1e-6);
});

test.each([1, 2, 7])(
  "a stream of latents, %i at a time, sounds as they do whole, and begins before they end",
  async (codes) => {
    const latents = noise(latentDim * 50);
    const whole = await decoder.inference(latents, voice);
    let given = 0;
    function* stretches() {
      for (; given * latentDim < latents.length; given += codes)
        yield latents.subarray(given * latentDim, (given + codes) * latentDim);
    }
    const chunks: Float32Array[] = [];
    const needed: number[] = [];
    for await (const { samples } of decoder.stream(stretches(), voice, { chunkFrames: 80 })) {
      chunks.push(samples);
      needed.push(given);
    }
    const joined = Float32Array.from(chunks.flatMap((chunk) => Array.from(chunk)));
    expect(joined.length).toBe(whole.samples.length);
    // Each sample is the same sums; the matrices' sizes may change their order.
    expect(largestDifference(joined, whole.samples)).toBeLessThan(1e-6);
    expect(needed[0]).toBeLessThanOrEqual(20); // 80 frames.
    expect(chunks.length).toBeGreaterThan(2);
  },
);

test("a stream may be of one code, and ends when nobody listens", async () => {
  const whole = await decoder.inference(noise(latentDim), voice);
  const latents = noise(latentDim * 50);
  for await (const { samples } of decoder.stream([latents.subarray(0, latentDim)], voice))
    expect(samples.length).toBe(whole.samples.length);
  let closed = false;
  function* endless() {
    try {
      for (;;) yield latents;
    } finally {
      closed = true;
    }
  }
  const before = liveTensors();
  for await (const _ of decoder.stream(endless(), voice)) break;
  expect(closed).toBe(true);
  expect(liveTensors()).toBe(before);
});

test("a stream refuses what no sound can be made of, and can be aborted", async () => {
  const all = async (latents: Float32Array[], options = {}) => {
    for await (const _ of decoder.stream(latents, voice, options));
  };
  await expect(all([])).rejects.toThrow(
    "HifiganDecoder.stream: there are no latents; give those of one code or more.",
  );
  await expect(all([noise(latentDim + 1)])).rejects.toThrow(
    `HifiganDecoder.stream: the latents of [2, ${latentDim}] would be ${2 * latentDim} numbers, got ${latentDim + 1}; give as many.`,
  );
  await expect(all([noise(latentDim)], { chunkFrames: 3 })).rejects.toThrow(
    "HifiganDecoder.stream: chunkFrames is 3; give a whole number above",
  );
  await expect(all([noise(latentDim)], { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
});

test("the seed decides the noise", async () => {
  const mel = melOf(9);
  const [first, again, other] = await Promise.all(
    [1, 1, 2].map((seed) => univnet.inference(mel, { random: new Random(seed) })),
  );
  expect(again).toEqual(first);
  expect(other?.samples).not.toEqual(first?.samples);
  expect([first?.sampleRateHz, first?.samples.length]).toEqual([24_000, 9 * 6]);
});

test("keep no tensors, also where they fail, and float16 weights will do", async () => {
  const halves = { univnet: toFloat16(weights.univnet), hifigan: toFloat16(weights.hifigan) };
  const mel = melOf(9);
  const latents = noise(latentDim * 3);
  const before = liveTensors();
  const small = {
    univnet: Univnet.create(halves.univnet, device),
    hifigan: HifiganDecoder.create(halves.hifigan, device),
  };
  const { samples } = await small.univnet.inference(mel, { random: new Random(1) });
  const exact = await univnet.inference(mel, { random: new Random(1) });
  expect(largestDifference(samples, exact.samples)).toBeLessThan(0.05); // Rounded weights.
  await small.hifigan.inference(latents, voice);
  const aborted = { signal: AbortSignal.abort() };
  await expect(
    small.univnet.inference(mel, { random: new Random(1), ...aborted }),
  ).rejects.toThrow();
  await expect(small.hifigan.inference(latents, voice, aborted)).rejects.toThrow();
  for (const model of Object.values(small)) await model.dispose();
  expect(liveTensors()).toBe(before);

  const amid = Univnet.create(weights.univnet, device);
  const speaking = amid.inference(melOf(150), { random: new Random(1), chunkFrames: 70 });
  await Promise.all([expect(speaking).rejects.toThrow("disposed of"), amid.dispose()]);
  await expect(small.univnet.inference(mel, { random: new Random(1) })).rejects.toThrow(
    "Univnet.inference: this UnivNet was disposed of; create another",
  );
  await expect(small.hifigan.inference(latents, voice)).rejects.toThrow(
    "HifiganDecoder.inference: this HiFi-GAN decoder was disposed of; create another",
  );
});

test("UnivNet refuses mels and noise that are not this model's", async () => {
  const mel = melOf(4);
  const good = { random: new Random(1) };
  await expect(univnet.inference({ ...mel, bands: 3 }, good)).rejects.toThrow(
    `Univnet.inference: the mel is [3, 4]; give [${bands}, frames].`,
  );
  await expect(univnet.inference(melOf(0), good)).rejects.toThrow(
    `Univnet.inference: the mel is [${bands}, 0]; give [${bands}, frames].`,
  );
  await expect(univnet.inference({ ...mel, frames: 5 }, good)).rejects.toThrow(
    `Univnet.inference: the mel of [${bands}, 5] would be ${bands * 5} numbers, got ${bands * 4}; give as many.`,
  );
  const broken = melOf(4);
  broken.data[6] = Number.NaN;
  await expect(univnet.inference(broken, good)).rejects.toThrow(
    "Univnet.inference: NaN in row 1, column 2 of the mel; give finite numbers.",
  );
  await expect(univnet.inference(mel, { noise: noise(noiseDim * 4) })).rejects.toThrow(
    `Univnet.inference: the noise of [${noiseDim}, 14] would be ${noiseDim * 14} numbers, got ${noiseDim * 4}; give as many.`,
  );
  await expect(univnet.inference(mel, { ...good, chunkFrames: 20 })).rejects.toThrow(
    /^Univnet.inference: chunkFrames is 20; give a whole number above \d+, since \d+ frames on both sides change a sound\.$/,
  );
});

test("the HiFi-GAN decoder refuses latents and voices that are not this model's", async () => {
  await expect(decoder.inference(noise(latentDim + 1), voice)).rejects.toThrow(
    `HifiganDecoder.inference: the latents are ${latentDim + 1} numbers; give ${latentDim} for each code, and one code or more.`,
  );
  await expect(decoder.inference(new Float32Array(), voice)).rejects.toThrow(
    "HifiganDecoder.inference: the latents are 0 numbers",
  );
  await expect(decoder.inference(noise(latentDim), noise(2))).rejects.toThrow(
    `HifiganDecoder.inference: the speaker's latent of [1, ${speakerDim}] would be ${speakerDim} numbers, got 2; give as many.`,
  );
  const broken = noise(latentDim);
  broken[0] = Number.POSITIVE_INFINITY;
  await expect(decoder.inference(broken, voice)).rejects.toThrow(
    "HifiganDecoder.inference: Infinity in row 0, column 0 of the latents; give finite numbers.",
  );
});

test("weights of another model name the tensor", () => {
  expect(() => inferUnivnetConfig(weights.hifigan)).toThrow(
    /^UnivNet: "res_stack.0.kernel_predictor.input_conv.0.weight_g" is missing/,
  );
  expect(() => inferHifiganConfig(weights.univnet, { file: "a.pth" })).toThrow(
    /^a.pth: "cond_layer.weight" is missing/,
  );
  const other = { ...weights.hifigan, "conv_pre.bias": zeros([99]) };
  expect(() => inferHifiganConfig(other)).toThrow(
    /^HiFi-GAN decoder: "conv_pre.bias" is \[99\], expected \[\d+\]/,
  );
});

test("refuses HiFi-GAN decoders of another kind than TorToiSe's", () => {
  const { strides } = decoder.config;
  const stereo = {
    ...weights.hifigan,
    "conv_post.weight_g": zeros([2, 1, 1]),
    "conv_post.weight_v": zeros([
      2,
      ...(weights.hifigan["conv_post.weight_v"]?.shape.slice(1) ?? []),
    ]),
    "conv_post.bias": zeros([2]),
  };
  expect(() => inferHifiganConfig(stereo)).toThrow(
    `HiFi-GAN decoder: it has 2 channels and upsampling kernels of ${strides.map((n) => 2 * n).join(", ")}; give a mono decoder with even kernels`,
  );
});
