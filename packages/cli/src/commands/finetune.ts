import { resolve } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { CliError } from "../cli-error.js";
import { type Context, withTools } from "../context.js";
import {
  deviceOption,
  heldOutClips,
  jsonOption,
  positive,
  threadsOption,
  whole,
} from "../options.js";
import { placeOf } from "../place.js";
import { finetuneRun } from "../run/finetune-run.js";
import type { RunOptions } from "../run/job.js";
import { type RunSettings, readRunConfig, resumedSettings } from "../run/run-config.js";
import { claimFolder, removeUnfinished } from "../run/run-folder.js";
import { announceStop } from "./announce-stop.js";

/** What a run is to do where no option says otherwise. */
const defaults = {
  steps: 100,
  batchSize: 8,
  heldOut: 0.15,
  seed: 0,
  recipe: "hawksbill",
  device: "auto",
} as const;

export function finetuneCommand(context: Context): Command {
  return new Command("finetune")
    .summary("teach a model a voice from recordings and their texts")
    .description(
      "Fine-tunes a model on a dataset in the LJSpeech layout: a folder with metadata.csv (a line id|text for each clip) and wavs/id.wav. Ctrl-C saves and says how to go on.",
    )
    .option("--dataset <dir>", "folder of the recordings and texts")
    .option("--out <run>", "new folder for the model and all that belongs to it")
    .option("--base <dir>", "model or earlier run to begin with (default: the small one inside)")
    .option("--steps <n>", `optimiser steps in all (default: ${defaults.steps})`, whole(1))
    .option("--batch-size <n>", `clips a step (default: ${defaults.batchSize})`, whole(1))
    .option("--learning-rate <x>", "highest learning rate (default: the model's own)", positive)
    .option(
      "--held-out <clips>",
      `clips to measure with and never train on: how many, a share, or ids (default: ${defaults.heldOut})`,
      heldOutClips,
    )
    .option("--seed <n>", `of the split, batches and speech (default: ${defaults.seed})`, whole(0))
    .addOption(
      new Option("--recipe <name>", `how clips are taught (default: "${defaults.recipe}")`).choices(
        ["hawksbill", "dlas"] as const,
      ),
    )
    .option(
      "--checkpoint-every <n>",
      "steps from one checkpoint to the next (default: a fifth of all)",
      whole(1),
    )
    .option(
      "--decoder-steps <n>",
      "steps that fit the dVAE's decoder to the voice (default: 150 for a small dVAE, 0 for TorToiSe's)",
      whole(0),
    )
    .option("--resume <run>", "go on with an interrupted run, with its settings")
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
The run's folder gets
  model/                  the fine-tuned model: hawksbill say … --model RUN
  checkpoint.safetensors  the complete state of training: --resume RUN
  reference.wav, before.wav, after.wav
                          a held-out sentence: recorded, by the base, by the fine-tuned model
  report.html             loss curves, pictures, players; open it in a browser
  summary.json, log.jsonl, config.json

Examples:
  $ hawksbill finetune --dataset my-voice --out my-run
  $ hawksbill finetune --dataset my-voice --out my-run --steps 500 --learning-rate 1e-4
  $ hawksbill finetune --dataset my-voice --out my-run --held-out intro-3,intro-7
  $ hawksbill finetune --resume my-run
  $ hawksbill finetune --dataset my-voice --base my-run --out my-second-run --json > events.jsonl`,
    )
    .action(async (options) => {
      await withTools(context, options, async (tools) => {
        announceStop(tools, "after this step, and saving");
        const { out, resume, dataset, base, json, threads, ...rest } = options;
        const given: Partial<RunSettings> = {
          ...rest,
          ...(dataset === undefined ? {} : { dataset: placeOf(dataset) }),
          ...(base === undefined ? {} : { base: placeOf(base) }),
        };
        const run =
          resume === undefined ? await newRun(out, given) : await earlierRun(resume, out, given);
        await finetuneRun(run, tools);
      });
    }) as Command;
}

async function newRun(out: string | undefined, given: Partial<RunSettings>): Promise<RunOptions> {
  const { dataset } = given;
  if (dataset === undefined)
    throw new CliError(
      "--dataset is missing; give the folder of recordings and texts, e.g. --dataset my-voice (hawksbill demo shows a run without one)",
    );
  if (out === undefined)
    throw new CliError("--out is missing; give a new folder for the run, e.g. --out my-run");
  await claimFolder(out);
  const settings = { ...defaults, base: placeOf(undefined), ...given, dataset };
  return { folder: out, settings, command: "finetune" };
}

async function earlierRun(
  folder: string,
  out: string | undefined,
  given: Partial<RunSettings>,
): Promise<RunOptions> {
  if (out !== undefined && resolve(out) !== resolve(folder))
    throw new CliError(
      `--resume goes on in ${folder}, but --out is ${out}; leave --out out, or begin a new run from that one with --base ${folder}`,
    );
  const config = await readRunConfig(folder);
  const settings = resumedSettings(folder, config, given);
  await removeUnfinished(folder);
  return { folder, settings, command: config.command, resume: config };
}
