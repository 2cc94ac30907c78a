import {
  type Device,
  DisposedError,
  lazyTensor,
  liveTensors,
  openDevice,
  Random,
  type Tensor,
} from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import { relativeError } from "../test/fixtures.js";
import { unifiedVoiceConfig } from "./config.js";
import { Decoder } from "./decoder.js";
import { generate } from "./generate.js";
import { initialise } from "./initialise.js";
import { UnifiedVoice } from "./unified-voice.js";

const opened = await openDevice("cpu", { threads: 1 });
let loaded = 0;
let released = 0;
const device: Device = {
  ...opened,
  async load(...args) {
    const { run, release } = await opened.load(...args);
    loaded++;
    return {
      run,
      release() {
        released++;
        return release();
      },
    };
  },
};
afterAll(() => opened.close());

const config = unifiedVoiceConfig({
  layers: 2,
  modelDim: 128,
  textTokens: 32,
  melCodes: 66,
  maxTextTokens: 40,
  maxMelTokens: 160,
});
const weights = initialise(config, new Random(1));
const random = new Random(2);
const voice = random.normal([config.modelDim]).dataSync() as Float32Array;
const prompts = [[3, 7, 2], [9], Array.from({ length: 30 }, (_, i) => i + 1)].map((tokens) => ({
  tokens,
  voice,
}));
/** Lively enough that rows stop, each at another time. */
const sampling = { repetitionPenalty: 1, temperature: 1.5, topK: 0, topP: 1 };

/** Draws as row 0 what another generator draws as a later row. */
class AsRow extends Random {
  readonly #row: number;

  constructor(row: number) {
    super(3);
    this.#row = row;
  }

  override fork(): Random {
    return super.fork(this.#row);
  }
}

test("rows that stop leave the batch, and all say what they say alone", async () => {
  const decoder = new Decoder(weights, config, device);
  const rows = Array.from({ length: 6 }, (_, i) => prompts[i % 3] as (typeof prompts)[number]);
  const left: number[] = [];
  const together = await generate(decoder, rows, config, {
    sampling,
    random: new Random(3),
    onProgress: ({ rowsLeft }) => left.push(rowsLeft),
  });
  expect(new Set(left).size).toBeGreaterThan(3); // The batch shrank several times.
  expect(new Set(together.map(({ codes }) => codes.length)).size).toBeGreaterThan(3);
  for (const [row, prompt] of rows.entries()) {
    const [alone] = await generate(decoder, [prompt], config, { sampling, random: new AsRow(row) });
    expect(together[row]).toEqual(alone);
  }
  await decoder.dispose();
});

test("a cache that grows changes no latent, and one program serves every batch and length", async () => {
  const decoder = new Decoder(weights, config, device);
  loaded = 0;
  const before = liveTensors();
  const [prompt] = prompts as [(typeof prompts)[number]];
  const codes = Array.from({ length: 150 }, (_, i) => (7 * i) % 64); // More than two growths.
  const decoding = await decoder.begin([prompt, prompt], codes.length);
  const latents: number[] = [];
  for (const code of [config.startMelToken, ...codes.slice(0, -1)]) {
    const [first, second] = await decoding.step([code, code]);
    expect(second).toEqual(first);
    latents.push(...(first?.latent ?? []));
  }
  decoding.dispose();
  await generate(decoder, prompts, config, { sampling: "greedy", maxCodes: 2 });
  expect([loaded, liveTensors()]).toEqual([1, before]);
  await decoder.dispose();

  const model = UnifiedVoice.create(weights, device);
  // Float32 in another order of sums.
  expect(relativeError(latents, await model.latents(prompt, codes))).toBeLessThan(1e-5);
  await model.dispose();
});

test("dispose waits for the step under way, refuses the next, and leaves no program", async () => {
  const before = liveTensors();
  loaded = released = 0;
  const decoder = new Decoder(weights, config, device);
  const decoding = await decoder.begin(prompts, 3);
  const codes = prompts.map(() => config.startMelToken);
  const step = decoding.step(codes);
  await decoder.dispose();
  expect(await step).toHaveLength(3);
  const gone = new DisposedError("step: this model was disposed of; create another");
  await expect(decoding.step(codes)).rejects.toThrow(gone);
  decoding.dispose();
  await expect(decoder.begin(prompts, 3)).rejects.toThrow(
    new DisposedError("generate: this model was disposed of; create another"),
  );
  await decoder.dispose();
  expect([loaded, released, liveTensors()]).toEqual([1, 1, before]);
});

test("what could not be read is read again, and nothing is left of it", async () => {
  const names = ["gpt.h.1.attn.c_attn.weight", "mel_embedding.weight"];
  const failing = names.map((name) => {
    const weight = weights[name] as Tensor;
    let reads = 0;
    const read = async (): Promise<Uint8Array> => {
      if (reads++ === 0) throw new Error(`no ${name}`);
      return new Uint8Array((weight.dataSync() as Float32Array).slice().buffer);
    };
    return [name, lazyTensor({ read }, { shape: weight.shape, dtype: "float32" })];
  });
  const before = liveTensors();
  const decoder = new Decoder({ ...weights, ...Object.fromEntries(failing) }, config, device, {
    weights: "int8",
  });
  await expect(decoder.begin(prompts, 1)).rejects.toThrow("no mel_embedding.weight");
  await expect(decoder.begin(prompts, 1)).rejects.toThrow("no gpt.h.1.attn.c_attn.weight");
  expect(liveTensors()).toBe(before);
  (await decoder.begin(prompts, 1)).dispose();
  await decoder.dispose();
  expect(liveTensors()).toBe(before);
});

test.each(["cache, rows", "cache, columns"])("frees all where %s cannot be moved", async (name) => {
  const resident: Device = {
    ...opened,
    keepsResults: true,
    load: (graph, options) =>
      options?.name === name ? Promise.reject(new Error("no memory")) : opened.load(graph, options),
  };
  const before = liveTensors();
  const decoder = new Decoder(weights, config, resident);
  await expect(generate(decoder, prompts, config, { sampling: "greedy" })).rejects.toThrow(
    "no memory",
  );
  expect(liveTensors()).toBe(before);
  await decoder.dispose();
});

test("refuses codes and positions beyond the tables, and latents of no codes", async () => {
  const decoder = new Decoder(weights, config, device);
  const [prompt] = prompts as [(typeof prompts)[number]];
  await expect(decoder.latents(prompt, [])).rejects.toThrow(
    "latents: the clip has no codes; leave it out or give a longer one",
  );
  const decoding = await decoder.begin([prompt], 2);
  await expect(decoding.step([66])).rejects.toThrow(
    new RangeError("step: the code is 66; give 0 to 65"),
  );
  await expect(decoding.step([0], 164)).rejects.toThrow(
    new RangeError("step: the position is 164; give 0 to 163"),
  );
  decoding.dispose();
  await decoder.dispose();
});
