import {
  compile,
  liveTensors,
  NonFiniteError,
  openDevice,
  Random,
  subtree,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { expect, test } from "vitest";
import { type Fixture, fixture, hasShared, numbers, relativeError, row } from "../test/fixtures.js";
import { inferConfig } from "./config.js";
import { Decoder } from "./decoder.js";
import { generate, generateSteps, type SpokenCode } from "./generate.js";
import { type Inputs, inputRow, inputTables } from "./inputs.js";
import { latents } from "./latents.js";
import { head } from "./training-losses.js";
import { UnifiedVoice } from "./unified-voice.js";
import { UnifiedVoiceError } from "./unified-voice-error.js";

const device = await openDevice("cpu");
const weights = subtree(fixture("dlas_true").tensors, "weights");
const config = inferConfig(weights, { heads: 2 });
const decoder = new Decoder(weights, config, device);

const random = new Random(3);
const voices = [0, 1, 2].map(() => random.normal([config.modelDim]).dataSync() as Float32Array);
const prompts = [
  { tokens: [3, 7, 2, 2, 9], voice: voices[0] as Float32Array },
  { tokens: [1], voice: voices[1] as Float32Array },
  { tokens: [5, 6, 7, 8, 9, 10, 11, 12, 1, 2], voice: voices[2] as Float32Array },
];

/** The reference goes on behind stop tokens, so each step is made by hand. */
async function expectGreedy({ tensors, heads }: Fixture, weights: Weights): Promise<void> {
  const config = inferConfig(weights, { heads });
  const decoder = new Decoder(weights, config, device);
  const wanted = numbers(tensors["outputs.greedy_codes"]);
  const voice = Float32Array.from(row(tensors["outputs.conditioning_latent"], 0));
  const tokens = row(tensors["inputs.text"], 0);
  const decoding = await decoder.begin([{ tokens, voice }], wanted.length);
  let code = config.startMelToken;
  const codes: number[] = [];
  for (let i = 0; i < wanted.length; i++) {
    const [{ logits } = { logits: new Float32Array() }] = await decoding.step([code]);
    // Float32 in another order of sums.
    expect(relativeError(logits, row(tensors["outputs.greedy_logits"], i))).toBeLessThan(1e-5);
    code = logits.indexOf(Math.max(...logits));
    codes.push(code);
  }
  expect(codes).toEqual(Array.from(wanted));
  decoding.dispose();
  await decoder.dispose();
}

test("greedy codes and logits equal PyTorch's, which has no cache", () =>
  expectGreedy(fixture("tortoise"), weights));

test.skipIf(!hasShared)("greedy codes and logits equal TorToiSe's (needs ../shared)", () => {
  const file = fixture("unified_voice_tortoise", "shared");
  return expectGreedy(file, subtree(file.tensors, "weights"));
});

test("with and without the cache the logits are the same, whatever else is in the batch", async () => {
  const spoken = [4, 11, 2, 17, 0, 9];
  const whole = compile(
    (inputs: Inputs, voice: Tensor) =>
      head(weights, "mel_head", latents(weights, inputs, voice, config)),
    { device },
  );
  const decoding = await decoder.begin(prompts, spoken.length + 1);
  const steps: Float32Array[][] = [];
  for (const code of [config.startMelToken, ...spoken])
    steps.push((await decoding.step(prompts.map(() => code))).map(({ logits }) => logits));
  decoding.dispose();
  for (const [b, { tokens, voice }] of prompts.entries()) {
    const inputs = inputRow(tokens, spoken, config);
    const logits = await whole(
      inputTables([inputs], inputs.ids.length),
      tensor(voice, { shape: [1, config.modelDim] }),
    );
    const all = numbers(logits);
    const wanted = all.slice(-(spoken.length + 1) * config.melCodes);
    const got = steps.flatMap((rows) => Array.from(rows[b] ?? []));
    expect(relativeError(got, wanted)).toBeLessThan(1e-5);
  }
  await whole.release();
});

test("a prompt's codes do not depend on the batch it is spoken in", async () => {
  const together = await generate(decoder, prompts, config, { maxCodes: 12, sampling: "greedy" });
  for (const [i, prompt] of prompts.entries()) {
    const alone = await generate(decoder, [prompt], config, { maxCodes: 12, sampling: "greedy" });
    expect(together[i]).toEqual(alone[0]);
  }
});

test("a stop token ends a row; codes have neither stop nor start tokens", async () => {
  const sampling = { repetitionPenalty: 1, temperature: 2, topK: 0, topP: 1 };
  const many = Array.from({ length: 8 }, () => prompts[0] as (typeof prompts)[number]);
  const rows = await generate(decoder, many, config, { random: new Random(5), sampling });
  expect(rows.some((row) => row.stopped)).toBe(true);
  for (const { codes, stopped } of rows) {
    expect(codes).not.toContain(config.stopMelToken);
    expect(codes).not.toContain(config.startMelToken);
    expect(codes.length === config.maxMelTokens).toBe(!stopped);
  }
});

test("candidates differ, and the same seed gives the same ones", async () => {
  const [prompt] = prompts;
  const twice = prompt ? [prompt, prompt] : [];
  const options = { maxCodes: 12, sampling: { temperature: 2 } };
  const first = await generate(decoder, twice, config, { ...options, random: new Random(1) });
  const again = await generate(decoder, twice, config, { ...options, random: new Random(1) });
  expect(again).toEqual(first);
  expect(first[0]).not.toEqual(first[1]);
});

test("TorToiSe's cached positions change all codes but the first", async () => {
  const options = { maxCodes: 20, sampling: "greedy" } as const;
  const trained = await generate(decoder, prompts, config, options);
  const shifted = await generate(decoder, prompts, config, {
    ...options,
    positions: "tortoise-cache",
  });
  expect(shifted).not.toEqual(trained);
  expect(shifted[0]?.codes[0]).toBe(trained[0]?.codes[0]);
});

test("reports progress and can be aborted", async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const running = generate(decoder, prompts, config, {
    sampling: "greedy",
    signal: controller.signal,
    onProgress: ({ codes }) => {
      seen.push(codes);
      if (codes === 2) controller.abort(new Error("enough"));
    },
  });
  await expect(running).rejects.toThrow("enough");
  expect(seen).toEqual([1, 2]);
});

test("leaves no tensors behind", async () => {
  const before = liveTensors();
  await generate(decoder, prompts, config, { maxCodes: 3, sampling: "greedy" });
  expect(liveTensors()).toBe(before);
});

test.each<[string, () => Promise<unknown>, Error]>([
  [
    "no prompt",
    () => generate(decoder, [], config),
    new UnifiedVoiceError("generate: there is no prompt; give at least one"),
  ],
  [
    "sampling without randomness",
    () => generate(decoder, prompts, config),
    new UnifiedVoiceError(
      'generate: sampling needs random; give random: new Random(seed), or sampling: "greedy"',
    ),
  ],
  [
    "more codes than positions",
    () => generate(decoder, prompts, config, { maxCodes: 31, sampling: "greedy" }),
    new RangeError(
      "generate: maxCodes is 31; give 1 to 30, the most that the model has positions for",
    ),
  ],
])("refuses %s", async (_, run, error) => {
  await expect(run()).rejects.toThrow(error);
});

test.each([
  ["NaN", () => Number.NaN],
  ["0, and one NaN", (_: number, i: number) => (i === 5 ? Number.NaN : 0)],
  ["-Infinity", () => -Infinity],
])("draws no code of logits that are all %s", async (_, bias) => {
  const numbers = new Float32Array(config.melCodes).map(bias);
  const broken = new Decoder({ ...weights, "mel_head.bias": tensor(numbers) }, config, device);
  for (const how of [{ sampling: "greedy" }, { random: new Random(1) }] as const)
    await expect(generate(broken, prompts, config, how)).rejects.toThrow(
      new NonFiniteError(
        "generate: the model's answer in step 1 is NaN or infinite; look for such numbers in the voice and in the weights",
      ),
    );
  await broken.dispose();
});

test("refuses a voice of another model and a token outside the vocabulary", async () => {
  const model = UnifiedVoice.create(weights, device, { heads: 2 });
  const voice = voices[0] as Float32Array;
  const options = { sampling: "greedy" } as const;
  await expect(
    model.generate([{ tokens: [1], voice: new Float32Array(5) }], options),
  ).rejects.toThrow(
    "generate: the voice has 5 numbers, the model is 12 wide; make it with this model's conditioning()",
  );
  await expect(model.generate([{ tokens: [14], voice }], options)).rejects.toThrow(
    "generate: text token 14 at 0 is not in the vocabulary of 14, of which 13 starts texts; use the tokenizer that came with the model",
  );
  await model.dispose();
});

test("steps have the latents that a pass over known codes has, that of the stop token too", async () => {
  const model = UnifiedVoice.create(weights, device, { heads: 2 });
  const [prompt] = prompts as [(typeof prompts)[number]];
  const options = { random: new Random(5), sampling: { repetitionPenalty: 1, temperature: 2 } };
  const spoken: SpokenCode[] = [];
  for await (const step of model.generateSteps([prompt], options)) spoken.push(...step);
  const [generated] = await model.generate([prompt], options);
  const codes = spoken.map(({ code }) => (code === "stop" ? 0 : code)); // Nobody's past: any one will do.
  expect(codes.slice(0, generated?.codes.length)).toEqual(Array.from(generated?.codes ?? []));
  const wanted = await model.latents(prompt, codes);
  const got = spoken.flatMap(({ latent }) => Array.from(latent));
  expect(relativeError(got, wanted)).toBeLessThan(1e-5); // Float32 in another order of sums.
  await model.dispose();
});

test("who stops asking for steps leaves nothing behind", async () => {
  const before = liveTensors();
  for await (const step of generateSteps(decoder, prompts, config, { sampling: "greedy" })) {
    expect(step.map(({ row }) => row)).toEqual([0, 1, 2]);
    break;
  }
  expect(liveTensors()).toBe(before);
});
