import type { Audio } from "@hawksbill/audio";
import { type Device, disposeTree, openDevice, Random } from "@hawksbill/core";
import { type SpeechRequest, Tortoise, tortoiseModel } from "@hawksbill/tortoise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settings, tinyWeights, tokenizer } from "../../test/tiny-tortoise.js";

const weights = tinyWeights();
// A diffusion decoder to be trained begins with zeros in its last layers, and hears nothing.
for (const [name, x] of Object.entries(weights.diffusion)) {
  const data = x.dataSync();
  const noise = new Random(2).fork(name).normal(x.shape).dataSync();
  if (data.every((value) => value === 0))
    for (let i = 0; i < data.length; i++) data[i] = 0.2 * Number(noise[i]);
}
let device: Device;
let tortoise: Tortoise;
let usual: string;

beforeAll(async () => {
  device = await openDevice("cpu", { threads: 1 });
  tortoise = Tortoise.create(tortoiseModel(tokenizer, weights, { settings }), device);
  usual = await outcome({});
}, 60_000);

afterAll(async () => {
  await tortoise.dispose();
  await device.close();
  disposeTree(weights);
});

const clip: Audio = {
  samples: Float32Array.from({ length: 5 * 16_000 }, (_, i) => 0.3 * Math.sin(i * i * 1e-6)),
  sampleRateHz: 16_000,
};
const request = {
  text: "the fox naps",
  voice: [clip],
  candidates: 2,
  maxCodes: 8,
  sampling: { topP: 1 }, // Else it removes what the others could.
  diffusion: { sampler: "ddim", steps: 2, guidance: 2 },
} satisfies SpeechRequest;
const { diffusion, sampling } = request;

/** What came of a request, as text: sound, scores, and how much is kept. */
async function outcome(change: Partial<SpeechRequest>): Promise<string> {
  const { audio, kept, candidates } = await tortoise.speak({ ...request, ...change });
  const scores = candidates.map(({ score }) => score);
  return JSON.stringify([kept.length, scores, Array.from(audio.samples)]);
}

/** The parameters of the original's `tts()` and of tortoise-tts-fast's, and what is given instead. */
const honoured: readonly [name: string, advice: string, change: Partial<SpeechRequest>][] = [
  ["voice_samples", "voice", { voice: [{ ...clip, samples: clip.samples.subarray(9000) }] }],
  [
    "conditioning_latents",
    "voice",
    { voice: { autoregressive: new Float32Array(64), diffusion: new Float32Array(32) } },
  ],
  ["k", "keep", { keep: 2 }],
  ["use_deterministic_seed", "seed", { seed: 9 }],
  ["num_autoregressive_samples", "candidates", { candidates: 3 }],
  ["temperature", "sampling.temperature", { sampling: { ...sampling, temperature: 5 } }],
  [
    "repetition_penalty",
    "sampling.repetitionPenalty",
    { sampling: { ...sampling, repetitionPenalty: 90 } },
  ],
  ["top_p", "sampling.topP", { sampling: { ...sampling, topP: 0.05 } }],
  ["top_k", "sampling.topK", { sampling: { ...sampling, topK: 1 } }],
  ["typical_sampling", "sampling.typicalMass", { sampling: { ...sampling, typicalMass: 0.01 } }],
  ["typical_mass", "sampling.typicalMass", { sampling: { ...sampling, typicalMass: 0.02 } }],
  ["max_mel_tokens", "maxCodes", { maxCodes: 5 }],
  ["cvvp_amount", "cvvpAmount", { cvvpAmount: 0.5 }],
  ["diffusion_iterations", "diffusion.steps", { diffusion: { ...diffusion, steps: 3 } }],
  ["cond_free", "diffusion.guidance (0 is without)", { diffusion: { ...diffusion, guidance: 0 } }],
  ["cond_free_k", "diffusion.guidance", { diffusion: { ...diffusion, guidance: 5 } }],
  [
    "diffusion_temperature",
    "diffusion.temperature",
    { diffusion: { ...diffusion, temperature: 0.5 } },
  ],
  ["sampler", "diffusion.sampler", { diffusion: { ...diffusion, sampler: "ancestral" } }],
  ["latent_averaging_mode", "conditioning.averaging", { conditioning: { averaging: "chunks" } }],
  ["original_tortoise", "conditioning.resampling", { conditioning: { resampling: "direct" } }],
];

test.each(honoured)("%s: %s is given instead, and counts", async (name, advice, change) => {
  await expect(tortoise.speak({ ...request, [name]: 1 })).rejects.toThrow(
    new RangeError(`speak: there is no option "${name}"; give ${advice}`),
  );
  expect(await outcome(change)).not.toBe(usual);
});

test.each([
  ["autoregressive_batch_size", "give batchSize"],
  ["verbose", "give onProgress"],
  ["return_deterministic_state", "leave it out: every speech has its plan"],
  ["length_penalty", "leave it out: it changes nothing where codes are drawn"],
  ["num_beams", "leave it out: codes are drawn, not searched for"],
  ["half", "leave it out: sound is computed in single precision"],
  ["kv_cache", "leave it out: codes are always cached"],
  ["enable_redaction", "leave it out: words in brackets are cut out of the sound"],
])("%s is refused by name", async (name, advice) => {
  await expect(tortoise.speak({ ...request, [name]: 1 })).rejects.toThrow(
    new RangeError(`speak: there is no option "${name}"; ${advice}`),
  );
});
