/// <reference types="node" />
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeWav } from "@hawksbill/audio";
import { toFloat16 } from "@hawksbill/checkpoint";
import { writePth, writeSafetensors } from "@hawksbill/checkpoint/node";
import { disposeTree, liveTensors, openDevice } from "@hawksbill/core";
import { speak, TortoiseError, tortoiseModel } from "@hawksbill/tortoise";
import { openTortoise, openVoice, saveVoice } from "@hawksbill/tortoise/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settings, tinyWeights, tokenizer } from "../../test/tiny-tortoise.js";

const weights = tinyWeights();
const request = {
  text: "the fox",
  voice: "random",
  candidates: 2,
  maxCodes: 10,
  diffusion: { steps: 2 },
} as const;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tortoise-"));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  await writePth(join(folder, "autoregressive.pth"), weights.autoregressive);
  await writePth(join(folder, "diffusion_decoder.pth"), weights.diffusion);
  await writePth(join(folder, "vocoder.pth"), { model_g: weights.vocoder });
  await writeSafetensors(join(folder, "clvp2.safetensors"), weights.clvp);
  await writePth(join(folder, "rlg_auto.pth"), weights.randomAutoregressive);
  await writePth(join(folder, "rlg_diffuser.pth"), weights.randomDiffusion);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  disposeTree(weights);
});

test("opens a folder of files, and speaks as the weights in memory do", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  const wanted = await speak({
    ...request,
    model: tortoiseModel(tokenizer, weights, { settings }),
    device,
  });
  const before = liveTensors();
  const model = await openTortoise(folder, { settings });
  expect(Object.keys(model.weights).sort()).toEqual([
    "autoregressive",
    "clvp",
    "diffusion",
    "randomAutoregressive",
    "randomDiffusion",
    "vocoder",
  ]);
  const speech = await speak({ ...request, model, device });
  expect(speech.audio).toEqual(wanted.audio);
  await model.close();
  expect(liveTensors()).toBe(before);
  await device.close();
});

test("takes files from elsewhere, in half precision too", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  const before = liveTensors();
  const tuned = join(folder, "tuned.safetensors");
  const half = toFloat16(weights.autoregressive);
  await writeSafetensors(tuned, half);
  disposeTree(half);
  const model = await openTortoise(folder, { settings, files: { autoregressive: tuned } });
  const speech = await speak({ ...request, model, device });
  expect(speech.audio.samples.length).toBeGreaterThan(0);
  await model.close();
  expect(liveTensors()).toBe(before);
  await device.close();
});

test("says which file is missing, and where to get it", async () => {
  const other = join(folder, "other");
  await mkdir(other);
  await expect(openTortoise(other)).rejects.toThrow(
    new TortoiseError(
      `${join(other, "tokenizer.json")}: cannot be read (the vocabulary); get it from github.com/neonbjb/tortoise-tts, where it is tortoise/data/tokenizer.json, and name it with --tokenizer FILE`,
    ),
  );
  for (const name of ["tokenizer.json", "autoregressive.pth"])
    await copyFile(join(folder, name), join(other, name));
  await expect(openTortoise(other)).rejects.toThrow(
    new TortoiseError(
      `${join(other, "diffusion_decoder.pth")}: is missing (the diffusion decoder: latents to a mel spectrogram); get it with: hawksbill download tortoise`,
    ),
  );
});

test("says which part is missing when it is needed", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  const model = await openTortoise(folder, { settings });
  const { diffusion: _, ...quick } = request;
  await expect(
    speak({ ...quick, candidates: 1, decoder: "hifigan", model, device }),
  ).rejects.toThrow(
    new TortoiseError(
      "speak: the model lacks hifidecoder.pth (the HiFi-GAN decoder: latents to sound); get it with: hawksbill download hifidecoder",
    ),
  );
  await model.close();
  await device.close();
});

test("a voice is a folder of clips, a clip, or a file of latents", async () => {
  const voices = join(folder, "voices");
  await mkdir(voices);
  await expect(openVoice(voices)).rejects.toThrow(
    new TortoiseError(
      `${voices}: holds no clips and no latents; give a folder with clips (wav, mp3, flac, ogg, opus) or with one .pth or .safetensors`,
    ),
  );

  const latents = { autoregressive: Float32Array.of(1, 2), diffusion: Float32Array.of(3, 4, 5, 6) };
  await saveVoice(join(voices, "me.pth"), latents);
  expect(await openVoice(voices)).toEqual(latents);
  expect(await openVoice(join(voices, "me.pth"))).toEqual(latents);
  await expect(saveVoice(join(voices, "me"), latents)).rejects.toThrow(
    new TortoiseError(`${join(voices, "me")}: give a name that ends in .safetensors or .pth`),
  );

  const [left, right] = [new Float32Array(8000).fill(0.5), new Float32Array(8000)];
  await writeFile(
    join(voices, "a.wav"),
    encodeWav({ channels: [left, right], sampleRateHz: 8000 }, { bits: 32 }),
  );
  expect(await openVoice(voices)).toEqual([{ samples: left, sampleRateHz: 8000 }]);
  expect(await openVoice(join(voices, "a.wav"))).toEqual([{ samples: left, sampleRateHz: 8000 }]);
  await writeFile(
    join(voices, "b.wav"),
    encodeWav({ samples: left.subarray(0, 800), sampleRateHz: 8000 }),
  );
  await expect(openVoice(voices)).rejects.toThrow(
    new TortoiseError(
      `${join(voices, "b.wav")}: lasts 0.10 s, at least 0.5 s are needed; give clips of 3 to 20 s of clear speech, 3 or more`,
    ),
  );
  await expect(openVoice(join(voices, "nobody"))).rejects.toThrow(
    `${join(voices, "nobody")}: there is no such file or folder; give a folder of clips, a clip, or a file of latents`,
  );
});
