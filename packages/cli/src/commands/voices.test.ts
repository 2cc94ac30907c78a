import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import type { VoiceLatents } from "@hawksbill/tortoise";
import { openVoice, saveVoice } from "@hawksbill/tortoise/node";
import { beforeAll, expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { hum } from "../../test/tiny-dataset.js";
import { writeTinyTortoise } from "../../test/tiny-tortoise.js";

const { path } = scratch();
beforeAll(() => writeTinyTortoise(path("tortoise")));

function voices(action: string, ...more: string[]): Promise<Outcome> {
  return runCli(["voices", action, "--model", path("tortoise"), ...oneThread, ...more]);
}

test("makes a voice of clips, draws one, and blends them by weight", async () => {
  const made = await voices("make", path("voice"), "--out", path("me.safetensors"));
  expect(made).toEqual({
    code: 0,
    out: `${path("me.safetensors")}: a voice to speak in: --voice ${path("me.safetensors")}\n`,
    error: "",
  });
  await voices("random", "--seed", "3", "--out", path("somebody.pth"));
  const parts = [`${path("me.safetensors")}=3`, path("somebody.pth")];
  expect((await voices("blend", ...parts, "--out", path("between.pth"))).code).toBe(0);

  const first = async (name: string): Promise<number> => {
    const voice = await openVoice(path(name));
    return "autoregressive" in voice ? (voice.autoregressive[0] as number) : Number.NaN;
  };
  const between = 0.75 * (await first("me.safetensors")) + 0.25 * (await first("somebody.pth"));
  expect(await first("between.pth")).toBeCloseTo(between, 6);
});

test("hears clips as it is told, and refuses to be told how of latents", async () => {
  const make = (out: string, ...more: string[]) =>
    voices("make", path("long.wav"), "--out", path(out), ...more);
  await writeFile(path("long.wav"), hum(5)); // The diffusion decoder hears 4.3 s at once.
  await make("usual.safetensors");
  await make("all.safetensors", "--averaging", "chunks", "--resampling", "direct");
  const tuned = ["--autoregressive", path("tortoise/autoregressive.pth")];
  await make("tuned.safetensors", ...tuned, "--diffusion", path("tortoise/diffusion_decoder.pth"));
  const [usual, all] = [
    await openVoice(path("usual.safetensors")),
    await openVoice(path("all.safetensors")),
  ] as [VoiceLatents, VoiceLatents];
  expect(all.autoregressive).toEqual(usual.autoregressive);
  expect(all.diffusion).not.toEqual(usual.diffusion);
  expect(await openVoice(path("tuned.safetensors"))).toEqual(usual);

  const request = ["say", "the fox", "--out", path("fox.wav"), "--max-codes", "8", ...oneThread];
  const tortoise = ["--model", path("tortoise"), "--candidates", "1", "--steps", "2"];
  const say = (...voice: string[]) =>
    runCli([...request, ...tortoise, "--resampling", "direct", "--voice", ...voice]);
  expect((await say(path("usual.safetensors"))).error).toContain(
    "voice: resampling says how clips are heard, and this voice is latents; leave it out, or give clips",
  );
  expect((await say(path("usual.safetensors"), path("voice"))).code).toBe(0);
});

test("says how many clips of a large folder it hears", async () => {
  await mkdir(path("many"));
  for (let i = 0; i < 33; i++) await copyFile(path("voice/wavs/a.wav"), path(`many/${i}.wav`));
  const { code, out } = await voices("make", path("many"), "--out", path("many.safetensors"));
  expect(code).toBe(0);
  expect(out).toContain(
    `Warning: ${path("many")}: has 33 clips, of which the first 32 by name are heard; choose those that sound best`,
  );
});

test("blends files of latents without a model, of whichever they are", async () => {
  const numbers = (x: number) => ({ autoregressive: new Float32Array(4).fill(x) });
  await saveVoice(path("low.safetensors"), numbers(1));
  await saveVoice(path("high.safetensors"), numbers(4));
  const blend = (...parts: string[]) =>
    runCli(["voices", "blend", ...parts, "--out", path("mean.safetensors")]);

  const { code, error } = await blend(`${path("low.safetensors")}=2`, path("high.safetensors"));

  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(await openVoice(path("mean.safetensors"))).toEqual(numbers(2));
  expect((await blend(path("low.safetensors"), path("nowhere.pth"))).error).toBe(
    `Error: ${path("nowhere.pth")}: there is no such file or folder; give a folder of clips, a clip, or a file of latents\n`,
  );
});

test("lists voices by name", async () => {
  await mkdir(path("all/me"), { recursive: true });
  await copyFile(path("voice/wavs/a.wav"), path("all/me/a.wav"));
  await cp(path("voice"), path("all/dataset"), { recursive: true });
  await saveVoice(path("all/you.safetensors"), { autoregressive: new Float32Array(4) });

  expect((await runCli(["voices", "list", path("all")])).out).toBe(
    "dataset: 4 clips\nme: 1 clip\nyou: latents\n",
  );
  expect((await runCli(["voices", "list", path("voice/wavs")])).error).toContain(
    "there are no voices in it",
  );
});

test("speaks in a voice from a file, and refuses one of another model", async () => {
  await voices("random", "--seed", "3", "--out", path("she.safetensors"));
  const request = ["say", "the fox", "--out", path("she.wav"), "--max-codes", "8", ...oneThread];
  const tortoise = ["--model", path("tortoise"), "--candidates", "1", "--steps", "2"];

  const voice = ["--voice", path("she.safetensors")];
  expect((await runCli([...request, ...tortoise, ...voice])).code).toBe(0);
  expect((await readFile(path("she.wav"))).length).toBeGreaterThan(44);
  await saveVoice(path("other.safetensors"), { autoregressive: new Float32Array(4) });
  const { error } = await runCli([...request, ...tortoise, "--voice", path("other.safetensors")]);
  expect(error).toContain("voice: the autoregressive latent has 4 numbers, this model's has 64");
});

test("refuses a weight that is none, a folder without clips, and a name that --voice would not know", async () => {
  expect((await voices("random", "--out", path("me"))).error).toContain(
    "Give a name that ends in .safetensors or .pth.",
  );
  expect((await voices("blend", "me.pth=much", "--out", path("x.pth"))).error).toContain(
    "Give a weight of 0 or more behind =, e.g. me.pth=2.",
  );
  await mkdir(path("empty"));
  expect((await voices("make", path("empty"), "--out", path("x.pth"))).error).toContain(
    `${path("empty")}: holds no clips and no latents`,
  );
});
