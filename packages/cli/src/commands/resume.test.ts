import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import { decodeTrainingState } from "@hawksbill/trainer";
import { beforeAll, describe, expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { writeTinyDataset } from "../../test/tiny-dataset.js";
import { writeTinyModel } from "../../test/tiny-model.js";
import { main } from "../index.js";

const { path } = scratch();

function args(out: string, ...more: string[]): string[] {
  const data = ["--dataset", path("voice"), "--base", path("model"), "--out", path(out)];
  const steps = ["--steps", "6", "--batch-size", "2", "--decoder-steps", "1"];
  return ["finetune", ...data, ...steps, ...oneThread, ...more];
}

const resume = ["finetune", ...oneThread, "--resume"];

/** Runs a command line and presses Ctrl-C, as it were, when it prints this. */
async function stopAt(text: string, command: readonly string[]): Promise<Outcome> {
  const controller = new AbortController();
  let out = "";
  let error = "";
  const code = await main(
    command,
    {
      out: (printed) => {
        out += printed;
        if (printed.includes(text)) controller.abort();
      },
      error: (printed) => {
        error += printed;
      },
    },
    controller.signal,
  );
  return { code, out, error };
}

async function settingsOf(run: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path(`${run}/config.json`), "utf8")).settings;
}

async function weightsOf(run: string): Promise<Record<string, number[]>> {
  const { tensors } = await readSafetensors(path(`${run}/model/unified-voice.safetensors`));
  return Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name, Array.from(x.dataSync(), Number)]),
  );
}

describe("a run that was stopped", () => {
  let stopped: Outcome;
  beforeAll(async () => {
    stopped = await stopAt('"step":3,', args("run", "--json"));
  });

  test("says where it stopped and how to go on, with exit code 130", () => {
    expect(stopped.code).toBe(130);
    expect(stopped.error).toBe(
      `Stopped after step 3 of 6; it is saved. Go on with:\n  npx hawksbill finetune --resume ${path("run")}\n`,
    );
    expect(stopped.out).toContain('{"type":"aborted","step":3,"steps":6}');
  });

  test("has saved its state, and the model of now", async () => {
    const file = path("run/checkpoint.safetensors");

    expect(decodeTrainingState(await readSafetensors(file), file).step).toBe(3);
    const said = ["say", "Hello.", "--model", path("run"), "--out", path("x.wav")];
    expect((await runCli(said)).code).toBe(0);
  });

  test.each([
    [["--steps", "9"], "--steps is 9, but the run in RUN was started with 6"],
    [["--batch-size", "3"], "--batch-size is 3, but the run in RUN was started with 2"],
    [["--held-out", "a"], "--held-out is a, but the run in RUN was started without it"],
    [["--learning-rate", "1"], "--learning-rate is 1, but the run in RUN was started with 0.001"],
  ])("refuses %j", async (more, start) => {
    const { code, error } = await runCli([...resume, path("run"), ...more]);

    expect(code).toBe(1);
    expect(error).toBe(
      `Error: ${start.replace("RUN", path("run"))}; leave it out to go on, start a new run with another --out, or change it all the same with --accept-changes\n`,
    );
  });

  test("names all settings that are others", async () => {
    const { error } = await runCli([...resume, path("run"), "--steps", "9", "--held-out", "a"]);

    expect(error).toBe(
      `Error: --steps is 9, --held-out is a, but the run in ${path("run")} was started with 6, without it; leave them out to go on, start a new run with another --out, or change them all the same with --accept-changes\n`,
    );
  });

  test.each([
    [["--optimizer", "lion"], "--optimizer is lion"],
    [["--lora", "2"], "--lora is 2"],
    [["--average-decay", "0.9"], "--average-decay is 0.9"],
  ])("does not change %j even where that is accepted", async (more, start) => {
    const config = await readFile(path("run/config.json"), "utf8");

    const changed = [...resume, path("run"), ...more, "--accept-changes"];
    const { code, error } = await runCli(changed);

    expect(code).toBe(1);
    expect(error).toBe(
      `Error: ${start}, but the run in ${path("run")} was started without it; its checkpoint has no other tensors to go on from: leave it out, or start a new run with another --out\n`,
    );
    expect(await readFile(path("run/config.json"), "utf8")).toBe(config);
  });

  test("refuses another folder for its output", async () => {
    const { error } = await runCli([...resume, path("run"), "--out", path("other")]);

    expect(error).toContain(`--resume goes on in ${path("run")}, but --out is ${path("other")}`);
  });

  test("refuses changed data and tells what has changed", async () => {
    const texts = { a: "Hello.", b: "There!", c: "Hello here.", e: "Who is it?" };
    await writeTinyDataset(path("changed"), texts);

    const { code, error } = await runCli([
      ...resume,
      path("run"),
      ...["--dataset", path("changed")],
    ]);

    expect(code).toBe(1);
    expect(error).toBe(
      `Error: base and dataset are not those that the run in ${path("run")} was started with: clip c has changed, clip d is gone, clip e is new; put them back as they were, start a new run with another --out, or go on all the same with --accept-changes\n`,
    );
  });

  test("refuses another base", async () => {
    await writeTinyModel(path("wide"), { width: 128 });

    const { error } = await runCli([...resume, path("run"), "--base", path("wide")]);

    expect(error).toContain("the base's unified-voice.safetensors is another one");
    const config = await readFile(path("run/config.json"), "utf8");
    const accepted = [...resume, path("run"), "--base", path("wide"), "--accept-changes"];
    expect((await runCli(accepted)).error).toContain(
      `the base is of another form than that which the run in ${path("run")} trains: `,
    );
    expect(await readFile(path("run/config.json"), "utf8")).toBe(config);
  });

  test("stopped again before a checkpoint has the changes, it goes on as if it never was", async () => {
    await cp(path("run"), path("twice"), { recursive: true });
    await cp(path("run"), path("once"), { recursive: true });
    const changes = ["--batch-size", "1", "--accept-changes"];

    const again = await stopAt('"type":"split"', [...resume, path("twice"), ...changes, "--json"]);
    await runCli([...resume, path("twice")]);
    await runCli([...resume, path("once"), ...changes]);

    expect(again.code).toBe(130);
    expect(await weightsOf("twice")).toEqual(await weightsOf("once"));
  });

  test("goes on with changed settings and data where that is accepted, and says what has changed", async () => {
    await cp(path("run"), path("accepted"), { recursive: true });
    await writeTinyDataset(path("more"), {
      a: "Hello.",
      b: "There!",
      c: "Hello there.",
      e: "Who?",
    });
    const changes = ["--steps", "5", "--learning-rate", "1e-4", "--dataset", path("more")];

    const resumed = await runCli([...resume, path("accepted"), ...changes, "--accept-changes"]);

    expect(resumed).toMatchObject({ code: 0, error: "" });
    expect(resumed.out).toContain(
      "Warning: the run goes on with changes: --steps 5 (with 6 before), --learning-rate 0.0001 (with 0.001 before), clip d is gone, clip e is new\n",
    );
    expect(resumed.out).toContain("step 5/5");
    const config = JSON.parse(await readFile(path("accepted/config.json"), "utf8"));
    expect(config.settings).toMatchObject({ steps: 5, learningRate: 1e-4 });
    expect(config.settings.acceptChanges).toBeUndefined();
    expect(config.clips.map(([id]: [string]) => id)).toEqual(["a", "b", "c", "e"]);
  });

  test("goes on to the very weights of a run that was never stopped", async () => {
    // The dataset may have moved, and the log may have lost its end in a power cut.
    await cp(path("voice"), path("moved"), { recursive: true });
    const log = await readFile(path("run/log.jsonl"), "utf8");
    await writeFile(path("run/log.jsonl"), log.slice(0, -9));

    const resumed = await runCli([...resume, path("run"), "--dataset", path("moved")]);
    await runCli(args("whole"));

    expect(resumed).toMatchObject({ code: 0, error: "" });
    expect((await settingsOf("run")).dataset).toBe(path("moved"));
    expect(await weightsOf("run")).toEqual(await weightsOf("whole"));
    const summary = async (run: string): Promise<object> => {
      const all = JSON.parse(await readFile(path(`${run}/summary.json`), "utf8"));
      return { ...all, seconds: {}, peakMemoryMB: 0 };
    };
    expect(await summary("run")).toEqual(await summary("whole"));
    for (const name of ["before.wav", "after.wav"])
      expect(await readFile(path(`run/${name}`))).toEqual(await readFile(path(`whole/${name}`)));
  });
});

test("an adapter, its best weights and the checkpoints kept go on as if never stopped", async () => {
  const more = ["--lora", "2", "--best", "--evaluate-every", "2", "--checkpoint-every", "2"];
  const kept = ["--keep-last", "2"];
  const stopped = await stopAt('"step":3,', args("lora", ...more, ...kept, "--json"));
  expect(stopped.code).toBe(130);
  expect(await readdir(path("lora"))).toContain("adapter.safetensors");

  const resumed = await runCli([...resume, path("lora")]);
  await runCli(args("whole-lora", ...more, ...kept));

  expect(resumed).toMatchObject({ code: 0, error: "" });
  expect(await weightsOf("lora")).toEqual(await weightsOf("whole-lora"));
  for (const name of ["adapter.safetensors", "checkpoint.safetensors"])
    expect(await readFile(path(`lora/${name}`))).toEqual(
      await readFile(path(`whole-lora/${name}`)),
    );
  expect(await readdir(path("lora/checkpoints"))).toEqual([
    "step-4.safetensors",
    "step-6.safetensors",
  ]);
});

test("a moving average is what is heard and handed over, in the end as on the way", async () => {
  const average = ["--average-decay", "0.5", "--learning-rate", "0.1", "--decoder-steps", "0"];
  const stopped = await stopAt('"step":3,', args("average", ...average, "--json"));
  expect(stopped.code).toBe(130);
  const file = path("average/checkpoint.safetensors");
  const state = decodeTrainingState(await readSafetensors(file), file);
  const measured = Object.fromEntries(
    Object.entries(state.average ?? {}).map(([name, x]) => [
      name,
      Array.from(x.dataSync(), Number),
    ]),
  );

  expect(await weightsOf("average")).toEqual(measured);
  await runCli(["export", file, "--out", path("exported.safetensors")]);
  const { tensors } = await readSafetensors(path("exported.safetensors"));
  for (const [name, values] of Object.entries(measured))
    expect(Array.from(tensors[name]?.dataSync() ?? [], Number)).toEqual(values);

  await runCli([...resume, path("average"), "--sample-every", "6"]);
  expect(await readFile(path("average/samples/step-000006.wav"))).toEqual(
    await readFile(path("average/after.wav")),
  );
});

test("stopped before the first step, it begins anew", async () => {
  const stopped = await stopAt("checking clips", args("early"));
  expect(stopped).toMatchObject({ code: 130, error: "Stopped.\n" });

  expect((await runCli(args("early"))).code).toBe(0);
});

test.each([
  ["encodes", "encode"],
  ["speaks before", "split"],
])("stopped while it %s, it says how to go on", async (_, event) => {
  const stopped = await stopAt(`{"type":"${event}"`, args(event, "--json"));
  expect(stopped).toMatchObject({
    code: 130,
    error: `Stopped before the first step; nothing was trained yet. Go on with:\n  npx hawksbill finetune --resume ${path(event)}\n`,
  });

  expect((await runCli([...resume, path(event)])).code).toBe(0);
});

test("goes on on the device that it was begun on, with its products, unless others are given", async () => {
  const elsewhere = process.platform === "darwin" ? "cuda" : "coreml";
  await stopAt('"step":3,', args("placed", "--json", "--products", "fp16"));
  const config = await readFile(path("placed/config.json"), "utf8");
  expect(JSON.parse(config).settings).toMatchObject({ device: "cpu", products: "fp16" });
  const moved = config.replace('"device": "cpu"', `"device": "${elsewhere}"`);
  await writeFile(path("placed/config.json"), moved);

  const { code, error } = await runCli([...resume, path("placed")]);
  expect(code).toBe(1);
  expect(error).toContain(`openDevice: "${elsewhere}" does not work here`);

  expect((await runCli([...resume, path("placed"), "--device", "cpu"])).code).toBe(0);
  expect(await settingsOf("placed")).toMatchObject({ device: "cpu", products: "fp16" });
  await runCli(args("half", "--products", "fp16"));
  await runCli(args("full"));
  const half = await weightsOf("half");
  expect(await weightsOf("placed")).toEqual(half);
  expect(half).not.toEqual(await weightsOf("full"));
});

test("stopped after the training, it goes on with what is missing", async () => {
  const stopped = await stopAt('"decoderEvaluation"', args("late", "--json"));
  expect(stopped.code).toBe(130);
  expect(stopped.error).toContain("the training before is saved");
  await rm(path("late/report.html"), { force: true });

  const resumed = await runCli([...resume, path("late")]);

  expect(resumed.code).toBe(0);
  expect(await readFile(path("late/report.html"), "utf8")).toContain("Held-out mel loss");
});

test("there has to be a run to go on with", async () => {
  const { code, error } = await runCli([...resume, path("nowhere")]);

  expect(code).toBe(1);
  expect(error).toBe(
    `Error: ${path("nowhere")}: there is no run to go on with (${join(path("nowhere"), "config.json")}: there is no such file or folder; check the path); give the folder that finetune wrote to\n`,
  );
});
