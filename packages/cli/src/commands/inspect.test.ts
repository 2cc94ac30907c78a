import { copyFile, mkdir, truncate, writeFile } from "node:fs/promises";
import { readSafetensors, writeSafetensors } from "@hawksbill/checkpoint/node";
import { zeros } from "@hawksbill/core";
import { expect, test } from "vitest";
import { runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();

/** Copies the tiny model's dVAE with one tensor changed. */
async function brokenDvae(file: string): Promise<void> {
  const { tensors } = await readSafetensors(path("model/dvae.safetensors"));
  await writeSafetensors(file, { ...tensors, "decoder.0.bias": zeros([17]) });
}

test("says what a checkpoint is", async () => {
  const file = path("model/dvae.safetensors");

  expect(await runCli(["inspect", file])).toEqual({
    code: 0,
    error: "",
    out: `${file}: dVAE
  format   safetensors
  tensors  29 F32
  numbers  8,456
Sizes:
  layers        2
  resnetBlocks  1
  hiddenDim     8
  channels      80
  kernelSize    3
  codebookDim   8
  tokens        16
Not told by the file:
  activation         released model: relu; it has no weights
  stride             released model: 2; convolutions of any stride have the same weights
  mel normalisation  released model: mel_norms.pth; it is in a file of its own
It is whole.
`,
  });
});

test("lists the tensors when asked to", async () => {
  const { out } = await runCli(["inspect", path("model/unified-voice.safetensors"), "--tensors"]);

  expect(out).toContain("tortoise-tts autoregressive, DL-Art-School unified_voice2");
  expect(out).toMatch(/made by Hawksbill, with settings \{"learningRate":0.001\}/);
  expect(out).toMatch(/\n {2}gpt\.h\.0\.attn\.c_attn\.weight +F32 {2}\[64, 192\]\n/);
});

test("a wrong tensor is told with its likely cause, and fails", async () => {
  await brokenDvae(path("broken.safetensors"));

  const { code, out, error } = await runCli(["inspect", path("broken.safetensors")]);

  expect(code).toBe(1);
  expect(out).toContain(`Problems:
  decoder.0.bias is [17], expected [16]: axis 0 does not follow from hiddenDim, which other tensors say is 8
It does not fit: 1 problem.
`);
  expect(error).toBe(`Error: ${path("broken.safetensors")}: it does not fit: see above\n`);
});

test("a folder's files are all inspected; one that cannot be read does not stop the others", async () => {
  await mkdir(path("many"));
  await copyFile(path("model/dvae.safetensors"), path("many/a.safetensors"));
  await copyFile(path("model/dvae.safetensors"), path("many/b.safetensors"));
  await truncate(path("many/b.safetensors"), 1000);
  await writeSafetensors(path("many/c.safetensors"), { "conv.weight": zeros([1]) });
  await writeFile(path("many/notes.txt"), "no checkpoint");

  const { code, out, error } = await runCli(["inspect", path("many"), "--json"]);

  expect(code).toBe(1);
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { type: "checkpoint", file: path("many/a.safetensors"), kind: "dvae", fits: true },
    { type: "unreadable", file: path("many/b.safetensors") },
    { type: "checkpoint", file: path("many/c.safetensors"), kind: "unknown", fits: false },
    { type: "error", message: "2 of 3 files cannot be used: see above" },
  ]);
  expect(lines[0].sizes.codebookDim).toBe(8);
  expect(lines[1].message).toContain("b.safetensors: ");
  expect(error).toBe("Error: 2 of 3 files cannot be used: see above\n");
});

test("says what is wrong with a path", async () => {
  await mkdir(path("empty"));

  expect(await runCli(["inspect", path("empty")])).toEqual({
    code: 1,
    out: "",
    error: `Error: ${path("empty")}: the folder has no checkpoint (.safetensors, .pth, .pt, .state); give one that has, or a file\n`,
  });
  const missing = await runCli(["inspect", path("no.pth")]);
  expect(missing.code).toBe(1);
  expect(missing.error).toContain("there is no such file; check the path");
});

test("letters of names that would move the cursor are shown by their code", async () => {
  const name = "\u001b[2Jevil\u202e";
  await writeSafetensors(path("evil.safetensors"), { [name]: zeros([1]) });

  const { out } = await runCli(["inspect", path("evil.safetensors"), "--tensors"]);

  expect(out).toContain("\\u{1b}[2Jevil\\u{202e}");
  expect(out).not.toContain("\u001b");
  expect(out).not.toContain("\u202e");
});
