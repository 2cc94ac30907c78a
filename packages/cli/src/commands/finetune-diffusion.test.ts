import { copyFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { openCheckpoint } from "@hawksbill/checkpoint/node";
import { beforeAll, expect, test, vi } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { writeTinyTortoise } from "../../test/tiny-tortoise.js";

const { path } = scratch();
vi.setConfig({ testTimeout: 300_000 }); // Its programs take seconds to make, on a busy machine minutes.

beforeAll(async () => {
  await writeTinyTortoise(path("tortoise"));
  await copyFile(path("model/dvae.safetensors"), path("tortoise/dvae.safetensors"));
  // Where no vocoder lies beside it.
  await copyFile(path("tortoise/diffusion_decoder.pth"), path("decoder.pth"));
});

/** Two steps of the tiny decoder. */
function finetune(...more: string[]): Promise<Outcome> {
  const data = ["--dataset", path("voice"), "--base", path("tortoise"), "--held-out", "1"];
  const steps = ["--steps", "2", "--batch-size", "2", "--learning-rate", "1e-3"];
  return runCli(["finetune", "--part", "diffusion", ...data, ...steps, ...oneThread, ...more]);
}

test("trains the decoder, lets it be heard, and leaves a file that speaks", async () => {
  const { code, out, error } = await finetune("--out", path("run"));

  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out).toMatch(/step 2: held-out loss [\d.]+, of the noise [\d.]+, of the guess [\d.]+/);
  expect(out).toContain(`--model ${path("tortoise")} --diffusion ${path("run")}`);
  const files = await readdir(path("run"));
  for (const name of ["reference.wav", "before.wav", "after.wav", "report.html"])
    expect(files).toContain(name);
  const [tuned, base] = await Promise.all(
    ["run", "tortoise"].map((folder) => openCheckpoint(path(`${folder}/diffusion_decoder.pth`))),
  );
  expect(Object.keys(tuned?.tensors ?? {})).toEqual(Object.keys(base?.tensors ?? {}));
  const weight = "layers.0.attn.qkv.weight";
  expect(await tuned?.tensors[weight]?.data()).not.toEqual(await base?.tensors[weight]?.data());
  await tuned?.close();
  await base?.close();

  expect((await saidAsTold(out)).error).toBe("");
  expect((await stat(path("said.wav"))).size).toBeGreaterThan(44);
  const exported = ["export", path("run"), "--part", "diffusion", "--out", path("x.safetensors")];
  expect((await runCli(exported)).code).toBe(0);
});

/** Speaks by the command that a run ended with. */
function saidAsTold(out: string): Promise<Outcome> {
  const [, options = ""] =
    /npx hawksbill say "Good morning\." (.*) --out morning\.wav\n/.exec(out) ?? [];
  const words = (options.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
  const brief = ["--steps", "2", "--candidates", "1", "--max-codes", "8", "--seed", "1"];
  return runCli([
    ...["say", "hello there", ...words, ...brief],
    ...["--out", path("said.wav"), ...oneThread],
  ]);
}

test("of a fine-tuned UnifiedVoice, too, it ends with a command that speaks", async () => {
  const data = ["--dataset", path("voice"), "--steps", "1", "--batch-size", "2", ...oneThread];
  const voice = ["--base", path("tortoise"), "--out", path("tuned"), "--decoder-steps", "0"];
  expect((await runCli(["finetune", ...data, ...voice])).code).toBe(0);

  const decoder = path("tortoise/diffusion_decoder.pth");
  const { out } = await finetune(
    ...["--base", path("tuned"), "--diffusion", decoder, "--out", path("second")],
  );

  expect((await saidAsTold(out)).error).toBe("");
});

test("goes on from a checkpoint to the same weights", async () => {
  const kept = ["--checkpoint-every", "1", "--keep-last", "2"];
  await finetune("--out", path("whole"), "--diffusion", path("decoder.pth"), ...kept);
  const names = ["checkpoint.safetensors", "diffusion_decoder.pth"];
  const read = () => Promise.all(names.map((name) => readFile(path(`whole/${name}`))));
  const before = await read();
  await copyFile(
    path("whole/checkpoints/step-1.safetensors"),
    path("whole/checkpoint.safetensors"),
  );

  const { code } = await runCli(["finetune", "--resume", path("whole"), ...oneThread]);

  expect(code).toBe(0);
  expect(await read()).toEqual(before);
});

test("a configuration of DL-Art-School's trains it", async () => {
  await writeFile(
    path("diff.yml"),
    `
networks: { ddpm: { which_model_G: diffusion_tts_flat, kwargs: { unconditioned_percentage: 0.5 } } }
steps: { ddpm_train: { optimizer_params: { lr: 1e-3 }, injectors: { latents: { gpt_path: tortoise/autoregressive.pth } } } }
path: { pretrain_model_gpt: tortoise/diffusion_decoder.pth }
train: { niter: 1 }
`,
  );
  const { code, out, error } = await runCli([
    ...["finetune", "--dlas", path("diff.yml"), "--dataset", path("voice"), "--out", path("dlas")],
    ...["--batch-size", "2", ...oneThread],
  ]);

  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out).toContain('no network is called "gpt" (there is ddpm)');
  const { settings } = JSON.parse(await readFile(path("dlas/config.json"), "utf8"));
  expect(settings).toMatchObject({
    part: "diffusion",
    base: path("tortoise/autoregressive.pth"),
    diffusion: path("tortoise/diffusion_decoder.pth"),
    unconditioned: 0.5,
    steps: 1,
  });
});

test("without a vocoder there is nothing to hear, which is told once", async () => {
  const { code, out } = await finetune(
    ...["--out", path("deaf"), "--diffusion", path("decoder.pth"), "--steps", "1", "--json"],
  );
  expect(code).toBe(0);
  const events = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const warnings = events.filter(({ type }) => type === "warning").map(({ message }) => message);
  expect(warnings.filter((message) => message.includes("vocoder"))).toEqual([
    "there is no before.wav: no vocoder.pth lies beside the decoder to hear it with",
  ]);
});

test("says what is missing, and which options are for the other part", async () => {
  const text = await finetune("--out", path("no"), "--text-weight", "1");
  expect(text.error).toContain(
    "--text-weight is for the training of UnifiedVoice; leave it out with --part diffusion",
  );
  const other = await finetune("--out", path("no"), "--base", path("model"));
  expect(other.error).toContain("has no diffusion_decoder.pth beside it");
  const kind = await finetune("--out", path("no"), "--diffusion", path("tortoise/vocoder.pth"));
  expect(kind.error).toContain("give a diffusion decoder's");
});
