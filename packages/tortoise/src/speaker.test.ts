/// <reference types="node" />
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Audio } from "@hawksbill/audio";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { type Device, liveTensors, openDevice } from "@hawksbill/core";
import { decodeVoice, encodeVoice, read, type Speaker, TortoiseError } from "@hawksbill/tortoise";
import { listVoices, openSpeaker, openVoice, saveVoice } from "@hawksbill/tortoise/node";
import { afterAll, beforeAll, expect, test } from "vitest";

const wavs = fileURLToPath(new URL("wavs", voiceFolder));
let device: Device;
let speaker: Speaker;
let clips: readonly Audio[];
let folder: string;
let tensorsBefore: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "speaker-"));
  device = await openDevice("cpu", { threads: 1 });
  tensorsBefore = liveTensors();
  speaker = await openSpeaker(fileURLToPath(modelFolder), device);
  const [name = ""] = (await readdir(wavs)).sort();
  clips = (await openVoice(join(wavs, name))) as readonly Audio[];
}, 60_000);

afterAll(async () => {
  await speaker.dispose();
  expect(liveTensors()).toBe(tensorsBefore);
  await device.close();
  await rm(folder, { recursive: true });
});

test("a model that speaks through its dVAE is a speaker; its plan gives the same speech", async () => {
  expect(speaker).toMatchObject({ kind: "dvae", sampleRateHz: 22_050 });
  const stages = new Set<string>();
  const request = { text: "Hello.", voice: clips, seed: 3, maxCodes: 8 };
  const onProgress = ({ stage }: { stage: string }) => stages.add(stage);
  const { audio, codes, plan, voice, seconds } = await speaker.speak({ ...request, onProgress });
  expect(codes.length).toBe(8);
  expect([...stages]).toEqual(["voice", "codes", "dvae", "vocoder"]);
  expect(Object.keys(seconds)).toEqual(["voice", "codes", "dvae", "vocoder"]);
  expect(plan).toMatchObject({ seed: 3, maxCodes: 8 });
  const again = await speaker.speak({ text: "Hello.", voice, ...plan });
  expect(again.audio).toEqual(audio);
});

test("its voices are kept in files, with one latent", async () => {
  const voice = await speaker.voice(clips);
  await saveVoice(join(folder, "me.safetensors"), voice);
  expect(await openVoice(join(folder, "me.safetensors"))).toEqual(voice);
  expect(await decodeVoice(encodeVoice(voice))).toEqual(voice);
  expect(() => encodeVoice(voice, "pth")).toThrow(
    new TortoiseError(
      "encodeVoice: a .pth holds two latents, and this voice has none for the diffusion decoder; write safetensors",
    ),
  );
});

test("it reads long texts", async () => {
  const texts: string[] = [];
  for await (const { text } of read({
    speaker,
    text: "Hello. | Good morning.",
    voice: clips,
    maxCodes: 4,
    retries: 0,
  }))
    texts.push(text);
  expect(texts).toEqual(["Hello.", "Good morning."]);
});

test("it refuses what it cannot do, and voices that are not its own", async () => {
  const request = { text: "Hello.", voice: clips };
  await expect(speaker.speak({ ...request, preset: "fast" })).rejects.toThrow(
    new RangeError(
      'speak: a model that speaks through its dVAE takes no "preset"; leave it out, or speak with TorToiSe\'s own files',
    ),
  );
  await expect(speaker.speak({ ...request, voice: "random" })).rejects.toThrow(
    new TortoiseError("voice: this model has no random voices; give clips or latents"),
  );
  await expect(
    speaker.speak({ ...request, voice: { autoregressive: new Float32Array(3) } }),
  ).rejects.toThrow(/^voice: the autoregressive latent has 3 numbers, this model's has \d+; make/);
  const short = { sampleRateHz: 16_000, samples: new Float32Array(1600) };
  await expect(speaker.voice([short])).rejects.toThrow("clip 0 lasts 0.10 s");
});

test("a folder of voices is listed by name", async () => {
  const voices = join(folder, "voices");
  await cp(wavs, join(voices, "me"), { recursive: true });
  await cp(join(folder, "me.safetensors"), join(voices, "you", "latents.safetensors"));
  await cp(join(folder, "me.safetensors"), join(voices, "she.safetensors"));
  await cp(join(folder, "me.safetensors"), join(voices, "you.safetensors"));
  await writeFile(join(voices, "notes.txt"), "no voice");
  const { length } = await readdir(wavs);
  expect(await listVoices(voices)).toEqual([
    { name: "me", path: join(voices, "me"), holds: "clips", clips: length },
    { name: "she", path: join(voices, "she.safetensors"), holds: "latents", clips: 0 },
    { name: "you", path: join(voices, "you"), holds: "latents", clips: 0 },
    {
      name: "you.safetensors",
      path: join(voices, "you.safetensors"),
      holds: "latents",
      clips: 0,
    },
  ]);
});
