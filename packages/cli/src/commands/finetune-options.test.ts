import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import { decodeAdapter } from "@hawksbill/trainer";
import { describe, expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();

/** A run of four steps on the tiny model and voice. */
function finetune(out: string, ...more: string[]): Promise<Outcome> {
  const data = ["--dataset", path("voice"), "--base", path("model"), "--out", path(out)];
  const steps = ["--steps", "4", "--batch-size", "2", "--decoder-steps", "0", "--held-out", "1"];
  return runCli(["finetune", ...data, ...steps, ...oneThread, ...more]);
}

async function logged(run: string, type: string): Promise<Record<string, unknown>[]> {
  const log = await readFile(path(`${run}/log.jsonl`), "utf8");
  const events = log.trim().split("\n");
  return events.map((line) => JSON.parse(line)).filter((event) => event.type === type);
}

describe("--plan", () => {
  const data = (): string[] => ["--dataset", path("voice"), "--base", path("model")];

  test("says what would be done and why, and writes nothing", async () => {
    const before = await readdir(path(""));

    const { code, out } = await runCli(["finetune", ...data(), "--plan", "--steps", "7"]);

    expect(code).toBe(0);
    expect(out).toContain("  steps             7          as given.\n");
    expect(out).toContain("  batch size        8          what Hawksbill's small models were");
    expect(await readdir(path(""))).toEqual(before);
  });

  test("is an event with --json", async () => {
    const { out } = await runCli(["finetune", ...data(), "--plan", "--json"]);

    const event = JSON.parse(out.trim().split("\n").at(-1) as string);
    expect(event).toMatchObject({ type: "plan", plan: { steps: { value: 100 } } });
  });
});

test("holds out the dataset's own validation part", async () => {
  const folder = path("parts");
  await cp(path("voice"), folder, { recursive: true });
  await rm(path("parts/metadata.csv"));
  await writeFile(path("parts/train.txt"), "a|Hello.\nc|Hello there.\nd|Who is it?\n");
  await writeFile(path("parts/validation.txt"), "b|There!\n");
  const args = ["--dataset", folder, "--base", path("model"), "--out", path("parts-run")];
  const brief = ["--steps", "1", "--decoder-steps", "0", "--checkpoint-every", "1"];

  const { out } = await runCli(["finetune", ...args, ...brief, ...oneThread]);

  expect(out).toContain(
    "held out: the dataset's own validation or test part, 1 clip; --held-out says otherwise\n",
  );
  const [split] = await logged("parts-run", "split");
  expect(split).toMatchObject({ training: ["a", "c", "d"], heldOut: ["b"] });
});

describe("--lora", () => {
  test("trains an adapter, saves it alone and merged, and says so", async () => {
    const { code, out, error } = await finetune("lora", "--lora", "2", "--lora-layers", "gpt.h.*");

    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toContain("training an adapter of rank 2: ");
    const file = path("lora/adapter.safetensors");
    const adapter = decodeAdapter(await readSafetensors(file), file);
    expect(adapter).toMatchObject({ rank: 2, alpha: 2, layers: ["gpt.h.*"] });
    const said = ["say", "Hello.", "--model", path("lora"), "--out", path("x.wav")];
    expect((await runCli(said)).code).toBe(0);
    const { tensors } = await readSafetensors(path("lora/model/unified-voice.safetensors"));
    const base = await readSafetensors(path("model/unified-voice.safetensors"));
    const name = "gpt.h.0.attn.c_attn.weight";
    expect(tensors[name]?.dataSync()).not.toEqual(base.tensors[name]?.dataSync());
    expect(tensors["text_embedding.weight"]?.dataSync()).toEqual(
      base.tensors["text_embedding.weight"]?.dataSync(),
    );
  });

  test("names the layers there are when none is meant", async () => {
    const { code, error } = await finetune("none", "--lora", "2", "--lora-layers", "nothing.*");

    expect(code).toBe(1);
    expect(error).toContain('"nothing.*" matches no matrix; name some of ');
  });
});

describe("options that would do nothing are refused:", () => {
  test.each([
    [
      ["--milestones", "2"],
      "--milestones is for --schedule multistep; give that, too, or leave it out",
    ],
    [
      ["--gamma", "0.1", "--schedule", "linear"],
      "--gamma is for --schedule multistep; give that, too, or leave it out",
    ],
    [
      ["--restart-every", "2"],
      "--restart-every is for --schedule restarts; give that, too, or leave it out",
    ],
    [
      ["--lora-alpha", "2"],
      "--lora-alpha is for adapters; give --lora with a rank, too, or leave it out",
    ],
    [
      ["--lora-layers", "gpt.*"],
      "--lora-layers is for adapters; give --lora with a rank, too, or leave it out",
    ],
    [
      ["--patience", "2", "--held-out", "0"],
      "--patience needs held-out clips to measure, but --held-out is 0; hold some out, or leave it out",
    ],
    [
      ["--base-precision", "int8"],
      "--base-precision is for the base beside an adapter; give --lora with a rank, too, or leave it out: all weights are trained in fp32",
    ],
    [
      ["--base-precision", "int8", "--lora", "2", "--programs", "whole"],
      "--programs whole would widen the base again that --base-precision keeps narrow; leave one of the two out",
    ],
    [
      ["--update", "parts", "--accumulate", "2"],
      "--update parts takes one batch a step, and --accumulate gives more; leave one of the two out",
    ],
    [
      ["--update", "parts", "--clip", "1"],
      "--update parts never has all gradients together, or those of a group, by which they are clipped; give --clip-by weight or value, or leave --clip out",
    ],
    [
      ["--update", "parts", "--clip-by", "group"],
      "--update parts never has all gradients together, or those of a group, by which they are clipped; give --clip-by weight or value, or leave --clip out",
    ],
    [
      ["--update", "parts", "--programs", "whole"],
      "--update parts goes block by block, which --programs whole does not; leave one of the two out",
    ],
    [
      ["--dataset-weights", "2"],
      "--dataset-weights is for several datasets; give all of them to --dataset, or leave it out",
    ],
    [
      ["--warmup-steps", "5"],
      "--warmup-steps is more than --steps, so that the full rate would never be reached; give fewer",
    ],
    [
      ["--range-test", "--schedule", "linear"],
      "--schedule is for the run itself, and --range-test only looks for its learning rate; leave one of the two out",
    ],
    [
      ["--keep-best", "1", "--checkpoint-every", "3", "--evaluate-every", "2"],
      "--keep-best chooses among checkpoints that are measured, but --checkpoint-every is 3 and --evaluate-every 2; give it a whole multiple of that",
    ],
    [["--accept-changes"], "--accept-changes is for --resume RUN; give that, too, or leave it out"],
    [
      ["--resume", "run", "--plan"],
      "--plan is for a run that is still to be begun, and --resume goes on with one; leave one of the two out",
    ],
    [
      ["--resume", "run", "--range-test"],
      "--range-test is for a run that is still to be begun, and --resume goes on with one; leave one of the two out",
    ],
  ])("%j", async (options, message) => {
    const { code, error } = await finetune("idle", ...options);

    expect({ code, error }).toEqual({ code: 1, error: `Error: ${message}\n` });
  });
});

test("takes optimisers and schedules", async () => {
  const { code } = await finetune(
    "lion",
    ...["--optimizer", "lion", "--learning-rate", "1e-4", "--weight-decay", "0", "--clip", "2"],
    ...["--schedule", "multistep", "--milestones", "2,3", "--gamma", "0.1", "--warmup-steps", "0"],
  );

  expect(code).toBe(0);
  const rates = (await logged("lion", "step")).map(({ learningRate }) => Number(learningRate));
  expect(rates.map((rate) => rate.toPrecision(1))).toEqual([
    "0.0001",
    "0.0001",
    "0.00001",
    "0.000001",
  ]);
});

test("keeps the last and the best checkpoints", async () => {
  const every = ["--checkpoint-every", "1", "--evaluate-every", "1"];

  await finetune("kept", ...every, "--keep-last", "2", "--keep-best", "1");

  const measured = (await logged("kept", "evaluation")).filter(({ step }) => Number(step) > 0);
  const [best] = measured.sort((a, b) => Number(a.loss) - Number(b.loss));
  const steps = [...new Set([3, 4, Number(best?.step)])].sort();
  expect((await readdir(path("kept/checkpoints"))).sort()).toEqual(
    steps.map((step) => `step-${step}.safetensors`),
  );
});

test("stops when patience runs out, with the best weights, and says so", async () => {
  const { code, out } = await finetune(
    "patient",
    ...["--learning-rate", "3", "--schedule", "constant", "--warmup-steps", "0"],
    ...["--evaluate-every", "1", "--patience", "1", "--steps", "9"],
  );

  expect(code).toBe(0);
  expect(out).toMatch(/stopped after step \d of 9: held-out loss was lowest after step 0/);
  const [summary] = await logged("patient", "summary");
  expect(summary?.heldOutMelLossAfter).toBe(summary?.heldOutMelLossBefore);
});

describe("--config", () => {
  async function withConfig(text: string, ...more: string[]): Promise<Outcome> {
    await writeFile(path("settings.yml"), text);
    return finetune("configured", "--config", path("settings.yml"), "--plan", ...more);
  }

  test("gives options by their names; those that are typed win", async () => {
    const text = "learning-rate: 2e-4\nsteps: 50\nheld-out: [a, b]\nschedule: linear\n";

    const { out } = await withConfig(text);

    expect(out).toContain("learning rate     2.0e-4     as given.");
    expect(out).toContain("schedule          linear     as given.");
    expect(out).toContain("steps             4          as given.");
  });

  test("may be JSON", async () => {
    const { out } = await withConfig('{ "accumulate": 3 }');

    expect(out).toContain("batches a step    3          as given.");
  });

  test.each([
    ["learnin-rate: 1", '"learnin-rate" is no option of finetune; did you mean "learning-rate"?'],
    ["optimizer: adam", 'optimizer is "adam"; give adamw, adamw8bit, lion, sgd'],
    ["accumulate: 0", "accumulate is 0; give a whole number of 1 or more"],
    ["best: maybe", 'best is "maybe"; give true or false'],
    ["steps: 1\nsteps: 2", "Map keys must be unique"],
    ["steps: !!js/function 1", "Unresolved tag"],
    ["- 1", "holds no keys and values"],
  ])("refuses %j", async (text, message) => {
    const { code, error } = await withConfig(text);

    expect(code).toBe(1);
    expect(error).toContain(path("settings.yml"));
    expect(error).toContain(message);
  });
});

describe("--dlas", () => {
  const config = `
name: mine
datasets:
  train: { mode: paired_voice_audio, path: voice/train.txt, fetcher_mode: lj, batch_size: 4, num_conditioning_candidates: 3 }
  val: { path: voice/validation.txt }
steps: { gpt_train: { optimizer: adamw, optimizer_params: { lr: 1e-4, beta1: 0.9, beta2: 0.9 }, clip_grad_eps: 4 } }
networks: { gpt: { which_model_G: unified_voice2, kwargs: { tortoise_compat: true } } }
path: { pretrain_model_gpt: ../experiments/autoregressive.pth }
train: { niter: 3, mega_batch_factor: 2, val_freq: 1, default_lr_scheme: MultiStepLR, gen_lr_steps: [1], lr_gamma: 0.1, warmup_iter: -1, ema_enabled: true, ema_rate: 0.5 }
`;

  /** A run by a configuration, whose lists lie in the folder `voice` beside it. */
  async function byConfig(text: string, ...more: string[]): Promise<Outcome> {
    await mkdir(path("dlas/voice"), { recursive: true });
    await cp(path("voice/wavs"), path("dlas/voice/wavs"), { recursive: true });
    const lines = (await readFile(path("voice/metadata.csv"), "utf8")).trim().split("\n");
    const listed = lines.map((line) => `wavs/${line.replace("|", ".wav|")}`);
    await writeFile(path("dlas/voice/train.txt"), listed.slice(0, 3).join("\n"));
    await writeFile(path("dlas/voice/validation.txt"), listed.slice(3).join("\n"));
    await writeFile(path("dlas/gpt.yml"), text);
    const base = ["--base", path("model"), "--decoder-steps", "0"];
    return runCli(["finetune", "--dlas", path("dlas/gpt.yml"), ...base, ...oneThread, ...more]);
  }

  test("trains as the file says, and tells where it does something else", async () => {
    const { code, out, error } = await byConfig(config, "--out", path("by-dlas"));

    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toContain("something else is done for:\n");
    expect(out).toMatch(/networks\.gpt\.kwargs\.tortoise_compat +true taught silence/);
    expect(out).toContain("3 clips to train on, 1 held out to measure\n");
    const { settings } = JSON.parse(await readFile(path("by-dlas/config.json"), "utf8"));
    expect(settings).toMatchObject({
      steps: 3,
      batchSize: 2,
      accumulate: 2,
      learningRate: 1e-4,
      betas: [0.9, 0.9],
      clip: 4,
      clipBy: "group",
      milestones: [1],
      conditioningClips: 3,
      averageDecay: 0.5,
      recipe: "hawksbill",
    });
    const rates = (await logged("by-dlas", "step")).map(({ learningRate }) => learningRate);
    expect(rates).toEqual([1e-4, 1e-5, 1e-5]);
  });

  test("gives way to options", async () => {
    const { out } = await byConfig(config, "--plan", "--steps", "9", "--dataset", path("voice"));

    expect(out).toContain("steps             9          as given.");
    expect(out).toContain("  clips     4\n");
  });

  test("begins with the weights that it names, and asks for those that are not there", async () => {
    const settings = ["--dlas", path("dlas/gpt.yml"), "--plan", ...oneThread];
    await byConfig(config, "--plan");

    const missing = await runCli(["finetune", ...settings]);

    expect(missing.error).toContain(
      "training is to begin with ../experiments/autoregressive.pth, which is not there; say with --base where it is",
    );
    await cp(path("model"), path("experiments"), { recursive: true });
    await copyFile(
      path("model/unified-voice.safetensors"),
      path("experiments/autoregressive.safetensors"),
    );
    await writeFile(
      path("dlas/gpt.yml"),
      config.replace("regressive.pth", "regressive.safetensors"),
    );
    expect((await runCli(["finetune", ...settings])).code).toBe(0);
  });

  test("is refused with a key that is none", async () => {
    const { code, error } = await byConfig("train: { niters: 5 }", "--plan");

    expect(code).toBe(1);
    expect(error).toContain(
      '"train.niters" is no key of DL-Art-School; did you mean "train.niter"?',
    );
  });

  test("reads lists that lie apart, and leaves out clips beyond its limits", async () => {
    await mkdir(path("dlas/apart"), { recursive: true });
    await cp(path("voice/wavs"), path("dlas/apart/wavs"), { recursive: true });
    await copyFile(path("voice/metadata.csv"), path("dlas/apart/val.txt"));
    const apart = config
      .replace("voice/validation", "apart/val")
      .replace("batch_size: 4", "batch_size: 4, max_wav_length: 14500");

    const { code, out, error } = await byConfig(apart, "--plan");

    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toContain("  clips     2\n"); // The shorter one of either list's.
    expect(out).toContain("apart/val.txt:2: apart/wavs/b.wav lasts 0.67 s, more than 0.66 s");
  });
});
