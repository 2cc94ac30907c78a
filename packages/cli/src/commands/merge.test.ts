import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { readSafetensors, writePth, writeSafetensors } from "@hawksbill/checkpoint/node";
import { Random, type Tensor, tensor, type Weights, zeros } from "@hawksbill/core";
import { disposeModel } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { encodeAdapter, initialiseAdapter, merge, weightsHash } from "@hawksbill/trainer";
import { beforeAll, expect, test } from "vitest";
import { type Outcome, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { writeTinyModel } from "../../test/tiny-model.js";

const { path } = scratch();
const file = "unified-voice.safetensors";
const name = "mel_head.weight";

/** Every number of some weights plus this. */
function moved(weights: Weights, by: number): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([key, x]) => [
      key,
      tensor(
        (x.dataSync() as Float32Array).map((n) => n + by),
        { shape: x.shape },
      ),
    ]),
  );
}

/** Copies the tiny model with its weights and its decoder's moved. */
async function otherModel(folder: string, by: number): Promise<void> {
  await cp(path("model"), path(folder), { recursive: true });
  const { tensors, metadata } = await readSafetensors(path(`model/${file}`));
  await writeSafetensors(path(`${folder}/${file}`), moved(tensors, by), metadata);
  const dvae = await readSafetensors(path("model/dvae.safetensors"));
  const bias = dvae.tensors["decoder.0.bias"] as Weights[string];
  const changed = moved({ "decoder.0.bias": bias }, by);
  await writeSafetensors(path(`${folder}/dvae.safetensors`), { ...dvae.tensors, ...changed });
}

/** An adapter as after training, of the tiny model. */
async function writeAdapter(to: string, seed: number): Promise<void> {
  const { tensors } = await readSafetensors(path(`model/${file}`));
  const random = new Random(seed);
  const made = initialiseAdapter(tensors, { rank: 2, layers: ["mel_head"], random });
  const weights = Object.fromEntries(
    Object.entries(made.weights).map(([key, x]) => [key, random.fork(key).normal(x.shape)]),
  );
  const encoded = encodeAdapter({ ...made, weights, base: await weightsHash(tensors) });
  await writeSafetensors(path(to), encoded.tensors, encoded.metadata);
}

async function first(place: string, tensorName = name): Promise<number> {
  const { tensors } = await readSafetensors(path(place));
  return Number(tensors[tensorName]?.dataSync()[0]);
}

function run(...args: string[]): Promise<Outcome> {
  return runCli(["merge", ...args]);
}

beforeAll(async () => {
  await otherModel("louder", 1);
  await writeAdapter("a.safetensors", 1);
  await writeAdapter("b.safetensors", 2);
});

test("makes the mean of whole models, of which each part is the mean, and says of what", async () => {
  const { code, out, error } = await run(path("model"), path("louder"), "--out", path("mean"));
  expect([code, error]).toEqual([0, ""]);
  expect(out).toContain(`${path("mean")}: 0.5 · ${path("model")} + 0.5 · ${path("louder")}, `);
  expect(await first(`mean/${file}`)).toBeCloseTo((await first(`model/${file}`)) + 0.5, 6);
  const bias = "decoder.0.bias";
  expect(await first("mean/dvae.safetensors", bias)).toBeCloseTo(
    (await first("model/dvae.safetensors", bias)) + 0.5,
    6,
  );
  disposeModel(await openModel(path("mean"))); // It is a whole model.
  const { metadata } = await readSafetensors(path(`mean/${file}`));
  expect(metadata["hawksbill.settings"]).toBe('{"learningRate":0.001}');
  expect(JSON.parse(metadata["hawksbill.merge"] ?? "")).toMatchObject({
    parts: [
      { name: "model", share: 0.5, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { name: "louder", share: 0.5 },
    ],
  });
});

test("makes a folder whose name is given with a slash", async () => {
  const { error } = await run(path("model"), path("louder"), "--out", `${path("slashed")}/`);
  expect(error).toBe("");
  disposeModel(await openModel(path("slashed")));
});

test("weighs models, across file formats, in half the room where that is asked for", async () => {
  const { tensors } = await readSafetensors(path(`louder/${file}`));
  await writePth(path("louder.pth"), { state_dict: tensors });
  const weights = ["--weights", "0.25,0.75", "--dtype", "float16"];
  const out = path("weighed.safetensors");
  const { error } = await run(path("model"), path("louder.pth"), ...weights, "--out", out);
  expect(error).toBe("");
  const read = await readSafetensors(out);
  expect(read.tensors[name]?.dtype).toBe("float16");
  const wanted = (await first(`model/${file}`)) + 0.75;
  await run(path("model"), path("louder.pth"), ...weights.slice(0, 2), "--out", out);
  expect(await first("weighed.safetensors")).toBeCloseTo(wanted, 6);
});

test("merges an adapter into its base", async () => {
  const { error } = await run(path("model"), path("a.safetensors"), "--out", path("adapted"));
  expect(error).toBe("");
  const { tensors } = await readSafetensors(path(`model/${file}`));
  const { tensors: lora } = await readSafetensors(path("a.safetensors"));
  const wanted = await merge(tensors, { rank: 2, alpha: 2, layers: ["mel_head"], weights: lora });
  const got = await readSafetensors(path(`adapted/${file}`));
  // The combination of one adapter is rounded once more.
  const [head, wantedHead] = [got.tensors[name], wanted[name]].map(
    (x) => (x as Tensor).dataSync() as Float32Array,
  ) as [Float32Array, Float32Array];
  const difference = Array.from(head, (x, i) => Math.abs(x - (wantedHead[i] as number)));
  expect(Math.max(...difference)).toBeLessThan(1e-6);
  expect(await readFile(path("adapted/tokenizer.json"))).toEqual(
    await readFile(path("model/tokenizer.json")),
  );
});

test("makes one adapter of two, which is merged as they are", async () => {
  const both = ["--weights", "1,0.5"];
  const [a, b] = [path("a.safetensors"), path("b.safetensors")];
  const one = path("both.safetensors");
  expect((await run(a, b, ...both, "--out", one)).out).toContain("an adapter of rank 4, 2 tensors");
  await run(path("model"), one, "--out", path("one.safetensors"));
  await run(path("model"), a, b, ...both, "--out", path("two.safetensors"));
  expect(await first("one.safetensors")).toBeCloseTo(await first("two.safetensors"), 6);
});

test.each<[string, string[], string]>([
  ["one alone", ["model"], "model is alone, and there is nothing to merge it with"],
  [
    "two kinds",
    ["model", "model/dvae.safetensors"],
    "dvae.safetensors a dVAE; give models of one kind",
  ],
  ["other sizes", ["model", "wide"], '"conditioning_encoder.init.weight" is float32[64,80,1] in'],
  [
    "an adapter of another base",
    ["louder", "a.safetensors"],
    "a.safetensors: it was made for other weights (sha256 ",
  ],
  [
    "two models with an adapter",
    ["model", "louder", "a.safetensors"],
    "give one model to merge them into, or none",
  ],
  [
    "what is no model",
    ["model", "strange.safetensors"],
    "strange.safetensors: holds no model and no adapter",
  ],
  ["a file that is not there", ["model", "no.pth"], "there is no such file; check the path"],
  ["another tokenizer", ["model", "foreign"], "has another tokenizer than"],
  ["other codes", ["model", "recoded"], "has other codes than that of"],
])("refuses %s, and leaves nothing", async (what, inputs, message) => {
  if (what === "other sizes") await writeTinyModel(path("wide"), { width: 128 });
  await writeSafetensors(path("strange.safetensors"), { x: zeros([1]) });
  if (what === "another tokenizer") {
    await otherModel("foreign", 2);
    const json = JSON.parse(await readFile(path("foreign/tokenizer.json"), "utf8"));
    await writeFile(path("foreign/tokenizer.json"), JSON.stringify({ ...json, version: "9" }));
  }
  if (what === "other codes") {
    await otherModel("recoded", 2);
    const { tensors } = await readSafetensors(path("recoded/dvae.safetensors"));
    await writeSafetensors(path("recoded/dvae.safetensors"), moved(tensors, 1));
  }
  const before = await readdir(path("."));
  const { code, error } = await run(...inputs.map(path), "--out", path("refused"));
  expect(error).toContain(message);
  expect(code).toBe(1);
  expect(await readdir(path("."))).toEqual(before);
});

test("refuses weights that are not 1 together, and too few", async () => {
  const models = [path("model"), path("louder"), "--out", path("m.pth")];
  expect((await run(...models, "--weights", "1,1")).error).toBe(
    "Error: --weights are 1, 1, 2 together, so all of the model would be 2 times as large; give numbers that are 1 together\n",
  );
  expect((await run(...models, "--weights", "1")).error).toContain(
    "--weights has 1 numbers for 2 parts",
  );
});

test("refuses places that do not suit", async () => {
  await mkdir(path("taken/inside"), { recursive: true });
  await writeFile(path("notes"), "mine");
  const models = [path("model"), path("louder"), "--out"];
  expect((await run(...models, path("taken"))).error).toContain("there is something already");
  expect((await run(...models, path("notes"))).error).toContain("there is something already");
  expect(await readFile(path("notes"), "utf8")).toBe("mine");
  expect((await run(...models, path("louder"))).error).toContain("which is read; choose another");
  expect((await run(...models, path("m.pth"), "--model", path("model"))).error).toContain(
    "a file of weights alone; leave --model out, or give a new folder",
  );
  const adapters = [path("a.safetensors"), path("b.safetensors"), "--out"];
  expect((await run(...adapters, path("b.pth"))).error).toContain(
    "give an adapter a name that ends in .safetensors",
  );
  const files = [`model/${file}`, `louder/${file}`].map(path);
  expect((await run(...files, "--out", path("folder"))).error).toContain(
    "no input is a whole model",
  );
  expect((await run(...files, "--out", path("folder"), "--model", path("model"))).error).toBe("");
});
