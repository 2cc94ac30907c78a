import { readdir, readFile, writeFile } from "node:fs/promises";
import { decodeMono, encodeWav } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { writeTinyModel } from "../../test/tiny-model.js";

const { path } = scratch();

function run(command: string, ...args: string[]): Promise<Outcome> {
  return runCli([command, ...args, "--model", path("model"), ...oneThread]);
}

async function secondsOf(file: string): Promise<number> {
  const { samples, sampleRateHz } = await decodeMono(await readFile(file));
  return samples.length / sampleRateHz;
}

test("a recording becomes codes, and codes become sound", async () => {
  const codes = path("codes.json");

  expect(await run("encode", path("voice/wavs/a.wav"), "--out", codes)).toEqual({
    code: 0,
    out: `encoding 1/1: ${path("voice/wavs/a.wav")}\n${codes}: 14 codes of 1 clip\n`,
    error: "",
  });
  const { format, codebook, clips } = JSON.parse(await readFile(codes, "utf8"));
  expect([format, codebook]).toEqual(["hawksbill codes 1", 16]);
  expect(clips[0].codes).toHaveLength(14); // 0.62 s are 54 frames of 256 samples, 4 for each code.

  expect((await run("decode", codes, "--out", path("again.wav"))).code).toBe(0);
  expect(await secondsOf(path("again.wav"))).toBeCloseTo(0.62, 1);
});

test("several clips are decoded into a folder", async () => {
  const wavs = ["a", "b"].map((id) => path(`voice/wavs/${id}.wav`));
  await run("encode", ...wavs, "--out", path("both.json"));

  const refused = await run("decode", path("both.json"), "--out", path("both.wav"));
  expect(refused.error).toBe(
    `Error: ${path("both.json")}: has 2 clips; give a folder as --out, not ${path("both.wav")}\n`,
  );
  expect((await run("decode", path("both.json"), "--out", path("both"))).code).toBe(0);
  expect(await secondsOf(path("both/b.wav"))).toBeCloseTo(0.67, 1);
});

test("clips of one name get a file each", async () => {
  const clips = ["one/a.wav", "a-3.wav", "two/a.wav"].map((file) => ({ file, codes: [1, 2] }));
  const content = { format: "hawksbill codes 1", codebook: 16, clips };
  await writeFile(path("twins.json"), JSON.stringify(content));

  expect((await run("decode", path("twins.json"), "--out", path("twins"))).error).toBe("");
  expect((await readdir(path("twins"))).sort()).toEqual(["a-3.wav", "a-4.wav", "a.wav"]);
});

test.each([
  ["no codes", "{}"],
  ["no JSON", "codes"],
  [
    "codes that no codebook has",
    '{"format":"hawksbill codes 1","codebook":16,"clips":[{"file":"a","codes":[16]}]}',
  ],
])("refuses a file with %s", async (_, content) => {
  await writeFile(path("bad.json"), content);

  expect(await run("decode", path("bad.json"), "--out", path("x.wav"))).toEqual({
    code: 1,
    out: "",
    error: `Error: ${path("bad.json")}: holds no codes, or damaged ones; give a file that hawksbill encode wrote\n`,
  });
});

test("refuses another dVAE's codes", async () => {
  await writeTinyModel(path("other"), { codes: 8 });
  const codes = path("other.json");
  const wav = path("voice/wavs/a.wav");
  await runCli(["encode", wav, "--model", path("other"), "--out", codes, ...oneThread]);

  expect((await run("decode", codes, "--out", path("x.wav"))).error).toBe(
    `Error: ${codes}: the codes are of a codebook of 8, the model's has 16; give the --model that they were made with\n`,
  );
});

test("names the recording that cannot be read", async () => {
  await writeFile(path("text.wav"), "this is no sound");

  const { code, error } = await run("encode", path("text.wav"), "--out", path("x.json"));

  expect(code).toBe(1);
  expect(error).toContain(`Error: ${path("text.wav")}: `);
  expect((await run("encode", path("no.wav"), "--out", path("x.json"))).error).toBe(
    `Error: ${path("no.wav")}: there is no such file or folder; check the path\n`,
  );
});

test("encodes what it can, and lists the recordings of which there are no codes", async () => {
  const short = { samples: new Float32Array(500).fill(0.1), sampleRateHz: 22_050 };
  await writeFile(path("short.wav"), encodeWav(short));
  await writeFile(path("text.wav"), "this is no sound");
  const files = [path("short.wav"), path("voice/wavs/a.wav"), path("text.wav")];

  const { code, error } = await run("encode", ...files, "--out", path("some.json"));

  expect(code).toBe(1);
  expect(error).toContain("Error: 2 of 3 recordings have no codes:\n");
  expect(error).toContain(`\n  ${path("short.wav")}: arMel: `);
  expect(error).toContain(`\n  ${path("text.wav")}: decodeAudio: `);
  const { clips } = JSON.parse(await readFile(path("some.json"), "utf8"));
  expect(clips.map(({ file }: { file: string }) => file)).toEqual([path("voice/wavs/a.wav")]);
});
