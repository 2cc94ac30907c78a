/// <reference types="node" />
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckpointError, toFloat16 } from "@hawksbill/checkpoint";
import { writePth, writeSafetensors } from "@hawksbill/checkpoint/node";
import { disposeTree, liveTensors, openDevice, type Weights } from "@hawksbill/core";
import { weightsHash } from "@hawksbill/trainer";
import { exportStateDict } from "@hawksbill/unified-voice";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyClips, tinyModel } from "../../test/tiny-model.js";
import { finetune } from "../finetune.js";
import { disposeModel, type Model } from "../model.js";
import { TortoiseError } from "../tortoise-error.js";
import { openModel } from "./model-folder.js";

const model = tinyModel();
let folder: string;

/** The released files' names and form. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "base-"));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(model.tokenizer.toJSON()));
  await writePth(join(folder, "dvae.pth"), model.dvae);
  const stateDict = exportStateDict(model.unifiedVoice, { maskBuffers: true });
  await writePth(join(folder, "autoregressive.pth"), stateDict);
});
afterAll(() => rm(folder, { recursive: true }));

async function expectSame(opened: Model): Promise<void> {
  expect(await weightsHash(opened.unifiedVoice)).toBe(await weightsHash(model.unifiedVoice));
  expect(await weightsHash(opened.dvae)).toBe(await weightsHash(model.dvae));
  expect(opened.config).toEqual(model.config);
}

test("opens TorToiSe's files, and frees all it made", async () => {
  const before = liveTensors();
  const opened = await openModel(folder);
  await expectSame(opened);
  expect(opened.settings).toEqual({});
  disposeModel(opened);
  expect(liveTensors()).toBe(before);
});

test("opens a UnifiedVoice by its file, as DL-Art-School saves it, with the rest beside it or named", async () => {
  const other = join(folder, "other place");
  await mkdir(other);
  const stateDict = exportStateDict(model.unifiedVoice, { layout: "unified_voice2" });
  const wrapped = Object.fromEntries(Object.entries(stateDict).map(([k, x]) => [`module.${k}`, x]));
  const path = join(other, "3250_gpt_ema.pth");
  await writePth(path, wrapped);
  await expect(openModel(path)).rejects.toThrow(
    new CheckpointError(
      other,
      'has no dvae.safetensors, dvae.pth (the dVAE; TorToiSe\'s comes with: hawksbill download dvae); put it there, or say with "dvae" which file it is',
    ),
  );
  const dvae = join(folder, "dvae.pth");
  const tokenizer = join(folder, "tokenizer.json");
  await expectSame(await openModel(path, { files: { dvae, tokenizer } }));
  await copyFile(dvae, join(other, "dvae.pth"));
  await copyFile(tokenizer, join(other, "tokenizer.json"));
  await expectSame(await openModel(path));
});

test("says what a file of another kind is", async () => {
  const other = await mkdtemp(join(folder, "wrong-"));
  const paths = { dvae: join(folder, "dvae.pth"), tokenizer: join(folder, "tokenizer.json") };
  await expect(openModel(paths.dvae, { files: paths })).rejects.toThrow(
    "is of another kind (dVAE); give a UnifiedVoice's",
  );
  await expect(
    openModel(folder, { files: { dvae: join(folder, "autoregressive.pth") } }),
  ).rejects.toThrow("is of another kind (UnifiedVoice); give a dVAE's");
  await expect(openModel(other)).rejects.toThrow(
    "has no unified-voice.safetensors, autoregressive.pth, autoregressive.safetensors (the UnifiedVoice; TorToiSe's comes with: hawksbill download tortoise); put it there, or give the file itself",
  );
});

test("an adapter is trained beside weights that stay in their file, as beside those in memory", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  const half = join(folder, "half.safetensors");
  const halves: Weights = toFloat16(model.unifiedVoice);
  await writeSafetensors(half, halves);
  disposeTree(halves);
  const results: string[] = [];
  for (const stored of [false, true]) {
    const opened = await openModel(half, { stored });
    const settings = { clips: tinyClips(opened), device, steps: 2, batchSize: 2, heldOut: 1 };
    const adapter = { rank: 2, layers: ["gpt.h.*.attn.*"] };
    const trained = { model: opened, learningRate: 1e-2, adapter, basePrecision: "int8" } as const;
    for await (const event of finetune({ ...settings, ...trained }))
      if (event.type === "adapter")
        expect(opened.unifiedVoice["mel_head.bias"]?.place).toBe(stored ? "stored" : "host");
    results.push(await weightsHash(opened.unifiedVoice));
    disposeModel(opened);
    await opened.close();
  }
  expect(results[1]).toBe(results[0]);
  await device.close();
});

test("weights that lie in a file are not trained themselves", async () => {
  const device = await openDevice("cpu", { threads: 1 });
  const opened = await openModel(folder, { stored: true });
  const train = async (): Promise<void> => {
    for await (const _ of finetune({ model: opened, clips: tinyClips(opened), device, steps: 1 }));
  };
  await expect(train()).rejects.toThrow(
    new TortoiseError(
      "finetune: the model's weights lie in its file, where they cannot be trained; open the model without { stored: true }, or train an adapter",
    ),
  );
  disposeModel(opened);
  await opened.close();
  await device.close();
});
