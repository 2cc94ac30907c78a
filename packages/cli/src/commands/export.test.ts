import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inspect } from "@hawksbill/checkpoint";
import { openCheckpoint, readSafetensors } from "@hawksbill/checkpoint/node";
import { beforeAll, describe, expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();

function run(...args: string[]): Promise<Outcome> {
  return runCli(["export", ...args]);
}

beforeAll(async () => {
  const data = ["--dataset", path("voice"), "--base", path("model"), "--out", path("run")];
  const steps = ["--steps", "2", "--batch-size", "2", "--lora", "2", "--decoder-steps", "0"];
  const { error } = await runCli(["finetune", ...data, ...steps, ...oneThread]);
  if (error) throw new Error(error);
}, 120_000);

/** What a file says of where it comes from. */
function origin(metadata: Readonly<Record<string, string>>): unknown {
  return JSON.parse(metadata["hawksbill.run"] ?? "null");
}

describe("what a run leaves says base, data, settings, step and version", () => {
  test.each(["model/unified-voice", "model/dvae", "adapter", "checkpoint"])("%s", async (name) => {
    const { metadata } = await readSafetensors(path(`run/${name}.safetensors`));
    expect(origin(metadata)).toEqual({
      step: 2,
      base: {
        name: "model",
        sha256: {
          "tokenizer.json": expect.stringMatching(/^[0-9a-f]{16}$/),
          "dvae.safetensors": expect.stringMatching(/^[0-9a-f]{16}$/),
          "unified-voice.safetensors": expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      },
      dataset: { name: "voice", clips: 4, sha256: expect.stringMatching(/^[0-9a-f]{16}$/) },
      settings: expect.objectContaining({ steps: 2, batchSize: 2, lora: 2, recipe: "hawksbill" }),
      hawksbill: expect.any(String),
    });
  });
});

test("writes a .pth with the tensors of the model and no other, which says where it comes from", async () => {
  const { out, error } = await run(path("run"), "--out", path("voice.pth"));
  expect(error).toBe("");
  expect(out).toMatch(
    /Warning: tortoise-tts cannot load .*voice\.pth, for it .* modelDim \d+ \(1024\).*\n.*voice\.pth: \d+ tensors\n$/,
  );
  const checkpoint = await openCheckpoint(path("voice.pth"));
  expect(checkpoint.format).toBe("pth");
  const { tensors } = await readSafetensors(path("run/model/unified-voice.safetensors"));
  expect(Object.keys(checkpoint.tensors).sort()).toEqual(Object.keys(tensors).sort());
  for (const [name, x] of Object.entries(tensors))
    expect(await checkpoint.tensors[name]?.data()).toEqual(x.dataSync());
  expect(origin(checkpoint.metadata)).toMatchObject({ step: 2, base: { name: "model" } });
  expect(inspect(checkpoint).notes).toContainEqual(
    expect.stringMatching(/^fine-tuned by Hawksbill: /),
  );
  await checkpoint.close();
});

test("writes half precision, the dVAE, the adapter, and a file as another", async () => {
  await run(path("run"), "--out", path("half.safetensors"), "--dtype", "float16");
  const half = await readSafetensors(path("half.safetensors"));
  expect(half.tensors["mel_head.weight"]?.dtype).toBe("float16");
  await run(path("run"), "--part", "dvae", "--out", path("dvae.pth"));
  await run(path("run"), "--part", "adapter", "--out", path("lora.safetensors"));
  await run(path("half.safetensors"), "--out", path("again.pth"), "--format", "safetensors");
  const kinds = ["dvae.pth", "lora.safetensors", "again.pth"].map(async (name) => {
    const checkpoint = await openCheckpoint(path(name));
    await checkpoint.close();
    return [checkpoint.format, inspect(checkpoint).kind];
  });
  expect(await Promise.all(kinds)).toEqual([
    ["pth", "dvae"],
    ["safetensors", "adapter"],
    ["safetensors", "unified-voice"],
  ]);
});

test.each<[string, string[], string]>([
  [
    "a name without a format",
    ["run", "--out", "voice"],
    "give a name that ends in .safetensors or .pth, or --format",
  ],
  [
    "a layout with parts that are not there",
    ["run", "--out", "v4.pth", "--layout", "unified_voice4"],
    "unified_voice4 needs alignment_head.weight",
  ],
  [
    "a layout of a dVAE",
    ["run", "--part", "dvae", "--out", "d.pth", "--layout", "tortoise"],
    "is a dVAE, which has one layout",
  ],
  [
    "a layout of an adapter",
    ["run", "--part", "adapter", "--out", "a.safetensors", "--layout", "unified_voice3"],
    "is an adapter, which has one layout",
  ],
  [
    "an adapter's buffers",
    ["run", "--part", "adapter", "--out", "a.safetensors", "--mask-buffers"],
    "is an adapter, which has one layout",
  ],
  [
    "an adapter as .pth",
    ["run", "--part", "adapter", "--out", "a.pth"],
    "is an adapter; give --out a name that ends in .safetensors",
  ],
  [
    "a folder without a model",
    ["voice", "--out", "v.pth"],
    "the folder has no unified-voice.safetensors",
  ],
  [
    "its own input",
    ["run/adapter.safetensors", "--out", "run/adapter.safetensors"],
    "which is read; choose another name",
  ],
  [
    "the state of an adapter's training",
    ["run/checkpoint.safetensors", "--out", "c.pth"],
    "give the run's adapter.safetensors",
  ],
])("refuses %s", async (_, [name = "", ...options], message) => {
  const args = options.map((word, i) => (options[i - 1] === "--out" ? path(word) : word));
  const { code, error } = await run(path(name), ...args);
  expect(code).toBe(1);
  expect(error).toContain(message);
});

/** Loads a file strictly into a module with the released model's tensors, at the sizes of the file. */
const script = `
import json, re, sys, torch
released = json.load(open(sys.argv[1]))["autoregressive.pth"]
state = torch.load(sys.argv[2], weights_only=True)
D, text, mel = state["final_norm.weight"].shape[0], len(state["text_head.bias"]), len(state["mel_head.bias"])
sizes = {1024: D, 3072: 3 * D, 4096: 4 * D, 256: text, 8194: mel,
         404: len(state["text_pos_embedding.emb.weight"]), 608: len(state["mel_pos_embedding.emb.weight"])}
module = torch.nn.Module()
for name, shape in released.items():
    layer = re.match(r"(?:gpt\\.h|conditioning_encoder\\.attn)\\.(\\d+)\\.", name)
    if layer and int(layer[1]) >= 1: continue
    at = module
    *path, last = name.split(".")
    for part in path:
        if not hasattr(at, part): at.add_module(part, torch.nn.Module())
        at = getattr(at, part)
    at.register_parameter(last, torch.nn.Parameter(torch.zeros([sizes.get(n, n) for n in shape])))
print(module.load_state_dict(state, strict=True))`;
const released = fileURLToPath(
  new URL("../../../../../shared/data/state_dict_shapes.json", import.meta.url),
);
const find = 'import importlib.util as u; raise SystemExit(u.find_spec("torch") is None)';
const hasTorch = spawnSync("python3", ["-c", find]).status === 0;

test.skipIf(!hasTorch || !existsSync(released))(
  "torch loads the .pth strictly, as tortoise-tts and DL-Art-School do (needs ../shared and python3 with torch)",
  { timeout: 240_000 },
  async () => {
    for (const layout of ["tortoise", "unified_voice2"]) {
      const { error } = await run(path("run"), "--out", path("strict.pth"), "--layout", layout);
      expect(error).toBe("");
    }
    const args = ["-c", script, released, path("strict.pth")];
    const { stdout, stderr } = spawnSync("python3", args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("<All keys matched successfully>\n");
  },
);
