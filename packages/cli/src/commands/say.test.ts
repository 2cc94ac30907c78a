import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { hum } from "../../test/tiny-dataset.js";
import { writeTinyTortoise } from "../../test/tiny-tortoise.js";

const { path } = scratch();

function say(text: string, ...more: string[]): Promise<Outcome> {
  const out = ["--out", path("said.wav"), "--model", path("model"), ...oneThread];
  return runCli(["say", text, ...out, ...more]);
}

test("speaks in the voice of files and folders", async () => {
  const voice = [path("voice"), path("voice/wavs/a.wav")];

  const { code, out, error } = await say("Hello.", "--voice", ...voice);

  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out).toContain(`voice: 5 clips of ${voice.join(", ")}\n`);
});

test("speaks in the voice of a dataset of any form", async () => {
  await mkdir(path("other/clips"), { recursive: true });
  await writeFile(path("other/all.tsv"), "Hello.\tclips/a.wav\n");
  await writeFile(path("other/clips/a.wav"), hum(1));

  for (const place of ["other", "other/all.tsv"]) {
    const { error, out } = await say("Hello.", "--voice", path(place));
    expect([error, out]).toEqual([
      "",
      expect.stringContaining(`voice: 1 clip of ${path(place)}\n`),
    ]);
  }
});

test("warns where the voice is none that the model was taught", async () => {
  const { out } = await say("Hello.");

  expect(out).toContain(
    `Warning: ${path("model")} does not say whose voice it was taught: it speaks in the voice that comes with Hawksbill; give --voice, with clips of the one that is meant\n`,
  );
});

test("takes the text from a file, or from the input", async () => {
  await writeFile(path("text.txt"), "Hello there.\n");
  const voice = ["--voice", path("voice"), "--model", path("model"), ...oneThread];
  const run = async (args: readonly string[], input: Uint8Array[] = []): Promise<string> => {
    const out = ["--out", path("text.wav")];
    const { error } = await runCli(["say", ...args, ...out, ...voice], undefined, from(input));
    return (
      error ||
      createHash("sha256")
        .update(await readFile(path("text.wav")))
        .digest("hex")
    );
  };
  const bytes = new TextEncoder().encode("Hello there.\n");

  const said = await run(["Hello there."]);

  expect(await run(["--file", path("text.txt")])).toBe(said);
  expect(await run(["-"], [bytes.subarray(0, 3), bytes.subarray(3)])).toBe(said);
  expect(await run(["-"], [Uint8Array.of(0xe4)])).toContain("is no text in UTF-8");
  expect(await run([])).toContain("there is no text");
  expect(await run(["Hi.", "--file", path("text.txt")])).toContain("give one of the two");
});

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

test("says the same with the same seed, and something else with another", async () => {
  const speech = async (...more: string[]): Promise<string> => {
    await say("Hello there.", "--voice", path("voice"), ...more);
    const wav = await readFile(path("said.wav"));
    return createHash("sha256").update(wav).digest("hex");
  };

  const lively = ["--temperature", "2"];
  const first = await speech("--seed", "1", ...lively);

  expect(await speech("--seed", "1", ...lively)).toBe(first);
  expect(await speech("--seed", "2", ...lively)).not.toBe(first);
  expect(await speech("--greedy")).toBe(await speech("--top-k=1", "--repetition-penalty=1"));
});

test.each(["--temperature", "--top-k", "--top-p", "--repetition-penalty", "--typical-mass"])(
  "refuses %s where the likeliest code is always taken",
  async (option) => {
    const { code, error } = await say("Hello.", "--greedy", option, "1");

    expect(code).toBe(1);
    expect(error).toContain(`option '--greedy' cannot be used with option '${option} `);
  },
);

test("draws codes with weights in 8 bits", async () => {
  const spoken = async (weights: string) => {
    const how = ["--voice", path("voice"), "--temperature", "9", "--seed", "6"];
    const more = ["--weights", weights, "--json"];
    const { code, out, error } = await say("Hello there.", ...how, ...more);
    return { code, error, speech: code === 0 ? JSON.parse(out.split("\n").at(-2) ?? "") : {} };
  };

  const [exact, rounded, refused] = [
    await spoken("fp32"),
    await spoken("int8"),
    await spoken("fp8"),
  ];

  expect([exact.speech.weights, rounded.speech.weights]).toEqual(["fp32", "int8"]);
  expect(rounded.speech.codes).not.toEqual(exact.speech.codes); // 24 draws, some on narrow margins.
  expect(refused).toMatchObject({ code: 1, error: expect.stringContaining("fp32, int8, int4") });
});

test("speaks with what is inside alone, twice the same bytes", { timeout: 120_000 }, async () => {
  const speech = async (name: string) => {
    const file = ["--out", path(name)];
    const { error, out } = await runCli([
      "say",
      "Good morning.",
      ...file,
      "--seed",
      "1",
      "--json",
      ...oneThread,
    ]);
    return {
      error,
      told: JSON.parse(out.split("\n").at(-2) ?? ""),
      wav: await readFile(path(name)),
    };
  };

  const [first, second] = [await speech("inside.wav"), await speech("inside-again.wav")];

  expect(first.error).toBe("");
  const { codes, audioSeconds, ...told } = first.told;
  expect(told).toMatchObject({ seed: 1, stopped: expect.any(Boolean), stageSeconds: {} });
  expect(codes.length).toBeGreaterThan(5);
  expect((first.wav.length - 44) / 2 / 22_050).toBeCloseTo(audioSeconds, 3);
  expect(second.wav).toEqual(first.wav);
});

test("tells programs what a speech was made with", async () => {
  const { out } = await say("Hello.", "--voice", path("voice"), "--seed", "4", "--json");

  const { codes, audioSeconds, stageSeconds, ...rest } = JSON.parse(out.split("\n").at(-2) ?? "");
  expect(rest).toMatchObject({
    type: "speech",
    file: path("said.wav"),
    voice: `4 clips of ${path("voice")}`,
    seed: 4,
    stopped: expect.any(Boolean),
    plan: { seed: 4, maxCodes: 24 },
  });
  expect(codes.length).toBeGreaterThan(0);
  expect(audioSeconds).toBeGreaterThan(0);
  expect(Object.keys(stageSeconds)).toEqual(["voice", "codes", "dvae", "vocoder"]);
});

test("speaks with TorToiSe's files, the same twice", { timeout: 120_000 }, async () => {
  await writeTinyTortoise(path("tortoise"));
  const speech = async (out: string, ...more: string[]): Promise<Outcome> =>
    runCli([
      ...["say", "the fox naps", "--model", path("tortoise"), "--out", path(out), "--json"],
      ...["--max-codes", "10", "--candidates", "2", "--steps", "2", ...oneThread, ...more],
    ]);

  const { code, out, error } = await speech("one.wav", "--keep", "2");
  expect({ code, error }).toEqual({ code: 0, error: "" });
  const told = JSON.parse(out.split("\n").at(-2) ?? "");
  expect(told).toMatchObject({ voice: "random", seed: 0, candidates: [{}, {}] });
  expect(told.plan).toMatchObject({ preset: "fast", candidates: 2, keep: 2 });
  expect(Object.keys(told.stageSeconds)).toEqual(
    expect.arrayContaining(["voice", "codes", "ranking", "latents", "diffusion", "vocoder"]),
  );
  await speech("two.wav");
  expect(await readFile(path("two.wav"))).toEqual(await readFile(path("one.wav")));
  expect((await readFile(path("one-2.wav"))).length).toBeGreaterThan(44);

  const { error: tooMuch } = await speech("b.wav", "--batch-size", "900", "--memory", "1");
  expect(tooMuch).toMatch(/900 candidates at once take up to \d+ MB, 1 MB are allowed, into which/);
  const { error: quick } = await speech("c.wav", "--preset", "ultra_fast", "--decoder", "hifigan");
  expect(quick).toContain('diffusion is set, and the decoder "hifigan" works without it');
});

test("says which of TorToiSe's files is missing, and how to get it", async () => {
  await writeTinyTortoise(path("part"));
  await rm(path("part/vocoder.pth"));
  const request = ["say", "the fox", "--out", path("no.wav"), "--voice", "random", ...oneThread];

  expect(await runCli([...request, "--model", path("part")])).toMatchObject({
    code: 1,
    error: `Error: ${path("part/vocoder.pth")}: is missing (UnivNet: a mel spectrogram to sound); get it with: hawksbill download tortoise\n`,
  });
  expect((await runCli([...request, "--model", path("nowhere")])).error).toContain(
    `${path("nowhere")}: holds no model; give a folder with tokenizer.json, dvae.safetensors`,
  );
});

test("a model that speaks through its dVAE refuses TorToiSe's options", async () => {
  expect((await say("Hello.", "--voice", path("voice"), "--preset", "fast")).error).toContain(
    'takes no "preset"',
  );
});

test.each([
  ["Hello #.", '"#" at 6'],
  ["Hello #.", "Or give --skip-unknown, and the model passes over them."],
  ["", "nothing to say"],
  [".,!?", "nothing to say"],
  ["Who is it who is it who is it who is it who is it who is it?", "tokens"],
])("refuses the text %j", async (text, words) => {
  const { code, error } = await say(text, "--voice", path("voice"));

  expect(code).toBe(1);
  expect(error).toContain(words);
  expect(error).not.toMatch(/^\s+at /m);
});

test("refuses a folder without recordings", async () => {
  await mkdir(path("silent"));

  expect((await say("Hello.", "--voice", path("silent"))).error).toContain(
    `${path("silent")}: holds no clips and no latents`,
  );
});

test("refuses a clip of a tenth of a second", async () => {
  await writeFile(path("tenth.wav"), hum(0.1));

  expect((await say("Hello.", "--voice", path("tenth.wav"))).error).toContain(
    `${path("tenth.wav")}: lasts 0.10 s, at least 0.5 s are needed`,
  );
});

test("refuses pages of text", async () => {
  expect((await say("Hello. ".repeat(2000), "--voice", path("voice"))).error).toBe(
    "Error: speak: the text has 14000 characters, no model reads so many tokens at once; split the text, or let read() do so\n",
  );
});

test.each([
  ["nowhere/said.wav", "its folder does not exist; make it first"],
  ["voice", "it is a folder; give the path of a file"],
])("refuses --out %s before it speaks", async (out, problem) => {
  const place = ["--model", path("model"), "--out", path(out)];
  const outcome = await runCli(["say", "Hello.", ...place, ...oneThread]);

  expect(outcome).toEqual({
    code: 1,
    out: "",
    error: `Error: ${path(out)}: ${problem}\n`,
  });
});

test("refuses files of TorToiSe's beside a model that has all its parts", async () => {
  const { code, error } = await say("Hello.", "--tokenizer", path("tokenizer.json"));

  expect({ code, error }).toEqual({
    code: 1,
    error: `Error: ${path("model")}: holds a model with all its parts; leave out tokenizer, or give TorToiSe's own files\n`,
  });
});
