import { resolve } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { basePrecisions, optimizerNames, scheduleNames } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import { type Context, withDevice, withReporter } from "../context.js";
import { given } from "../given.js";
import {
  counts,
  decay,
  deviceOption,
  factors,
  heldOutClips,
  jsonOption,
  notNegative,
  positive,
  productsOption,
  share,
  shares,
  threadsOption,
  whole,
  words,
} from "../options.js";
import { placeOf } from "../place.js";
import { finetuneRun } from "../run/finetune-run.js";
import type { RunOptions } from "../run/job.js";
import { runRangeTest } from "../run/range-test.js";
import {
  changedSettings,
  type RunConfig,
  type RunRequest,
  type RunSettings,
  readRunConfig,
  requireChangeable,
  requireSameSettings,
  trainedParts,
} from "../run/run-config.js";
import { claimFolder, removeUnfinished } from "../run/run-folder.js";
import { showPlan } from "../run/show-plan.js";
import { announceStop } from "./announce-stop.js";
import { readConfigFile } from "./config-file.js";
import { readDlasFile } from "./dlas-file.js";
import { requireEffect, requireKind, requireOfRangeTest } from "./require-effect.js";
import { requirePart } from "./require-part.js";

/** What a run is to do where no option says otherwise; the rest is planned. */
const defaults = {
  seed: 0,
  recipe: "hawksbill",
  device: "auto",
} as const;

/** @param options.mayBeIdle Whether options may be given that do nothing, as in some runs of a sweep. */
export function finetuneCommand(context: Context, { mayBeIdle = false } = {}): Command {
  const command = new Command("finetune")
    .summary("teach a model a voice from recordings and their texts")
    .description(
      "Fine-tunes a model on a dataset: a folder with metadata.csv (a line id|text for each clip) and wavs/id.wav, or any other form that `hawksbill doctor` reads. What is not given is planned from dataset, model and machine. Ctrl-C saves and says how to go on.",
    )
    .option("--dataset <dir...>", "folder of the recordings and texts, or a list in it; or several")
    .option("--dataset-weights <xs>", "how often each dataset's clips come, e.g. 1,3", factors)
    .option("--balance <x>", "how far speakers are made equal, 0 to 1 (default: 0)", share)
    .option("--out <run>", "new folder for the model and all that belongs to it")
    .option(
      "--base <place>",
      "model to begin with: a folder of ours or of TorToiSe's files, a run, or the file of a UnifiedVoice (default: the small one inside)",
    )
    .option("--dvae <file>", "the base's dVAE, where it is elsewhere")
    .option("--tokenizer <file>", "the base's vocabulary, where it is elsewhere")
    .addOption(
      new Option(
        "--part <name>",
        'what is trained: what says codes, or TorToiSe\'s decoder that makes sound of it (default: "unified-voice")',
      ).choices(trainedParts),
    )
    .option(
      "--diffusion <file>",
      "with --part diffusion: the decoder to begin with (default: diffusion_decoder.pth beside the base)",
    )
    .option(
      "--unconditioned <x>",
      "with --part diffusion: share of clips whose speech is hidden, for guidance (default: 0.1)",
      share,
    )
    .option("--cache <dir>", "where codes are kept from run to run (default: the user's cache)")
    .option("--plan", "say what would be done and why, and do nothing")
    .option(
      "--range-test",
      "look for a learning rate on a copy of the weights, for --steps (default: 60), and do nothing else; --out gets a page",
    )
    .option("--config <file>", "JSON or YAML with options by their names: steps: 500")
    .option("--dlas <file.yml>", "a configuration of DL-Art-School's, as far as it makes sense")
    .addOption(
      new Option("--recipe <name>", `how clips are taught (default: "${defaults.recipe}")`).choices(
        ["hawksbill", "dlas"] as const,
      ),
    )
    .option("--steps <n>", "optimiser steps in all (default: planned)", whole(1))
    .option("--batch-size <n>", "clips computed at once (default: planned)", whole(1))
    .option("--accumulate <n>", "batches a step (default: planned)", whole(1))
    .option("--learning-rate <x>", "highest learning rate (default: planned)", positive)
    .addOption(
      new Option("--schedule <name>", 'how the rate falls (default: "cosine")').choices(
        scheduleNames,
      ),
    )
    .option("--warmup-steps <n>", "steps up to the full rate (default: a tenth)", whole(0))
    .option("--milestones <steps>", "multistep: where the rate is lowered, e.g. 200,400", counts)
    .option("--gamma <x>", "multistep: times this (default: 0.5)", positive)
    .option(
      "--restart-every <n>",
      "restarts: steps of each fall (default: a third of all)",
      whole(1),
    )
    .addOption(
      new Option("--optimizer <name>", 'what moves the weights (default: "adamw")').choices(
        optimizerNames,
      ),
    )
    .option(
      "--weight-decay <x>",
      "pull towards 0 (default: 0.01; sgd: 0; --part diffusion: 0.001)",
      notNegative,
    )
    .option("--clip <x>", "longest gradient (default: 1)", positive)
    .addOption(
      new Option(
        "--clip-by <what>",
        'what is measured: all together, a group, each weight, each value (default: "all")',
      ).choices(["all", "group", "weight", "value"] as const),
    )
    .addOption(
      new Option(
        "--update <when>",
        'when weights move: after the step, or part by part in it, which takes less memory (default: "step")',
      ).choices(["step", "parts"] as const),
    )
    .option(
      "--text-weight <x>",
      "of the text loss beside the mel loss (default: 0.01)",
      notNegative,
    )
    .option(
      "--label-smoothing <x>",
      "share of each target spread over all classes, or of texts and codes apart: 0.1,0 (default: 0)",
      shares,
    )
    .option(
      "--conditioning-clips <n>",
      "clips of the voice that each one hears (default: 2, 6 s of each; of our small models 1, 1.5 s)",
      whole(1),
    )
    .option("--conditioning-dropout <x>", "share of clips that hear no voice (default: 0)", share)
    .option("--average-decay <x>", "end with a moving average of the weights, e.g. 0.99", decay)
    .addOption(
      new Option(
        "--programs <form>",
        "one program, or one a block, which takes less memory (default: by the model's size)",
      ).choices(["whole", "blocks"] as const),
    )
    .option("--lora <rank>", "train an adapter of this rank; the base stays as it is", whole(1))
    .option("--lora-alpha <x>", "how much the adapter counts (default: its rank)", positive)
    .option(
      "--lora-layers <patterns>",
      "weights to adapt, e.g. gpt.h.*.attn.* (default: every matrix; --part diffusion: those of attention and residual blocks)",
      words,
    )
    .addOption(
      new Option(
        "--base-precision <name>",
        'with --lora, what the base is kept in (default: "fp32")',
      ).choices(basePrecisions),
    )
    .option(
      "--held-out <clips>",
      "clips to measure with and never train on: how many, a share, or ids (default: the dataset's own validation and test part, or else 0.15)",
      heldOutClips,
    )
    .option("--evaluate-every <n>", "steps between measurements (default: planned)", whole(1))
    .option("--best", "end with the weights that the held-out clips liked best")
    .option(
      "--patience <n>",
      "stop when so many measurements were no better; implies --best",
      whole(1),
    )
    .option("--checkpoint-every <n>", "steps between checkpoints (default: planned)", whole(1))
    .option("--keep-last <n>", "newest checkpoints to keep (default: 1)", whole(1))
    .option(
      "--keep-best <n>",
      "checkpoints with the lowest held-out loss to keep (default: 0)",
      whole(0),
    )
    .option(
      "--sample-every <n>",
      "steps between samples: a held-out sentence, spoken (default: none)",
      whole(1),
    )
    .option("--seed <n>", `of the split, batches and speech (default: ${defaults.seed})`, whole(0))
    .option(
      "--decoder-steps <n>",
      "steps that fit the dVAE's decoder to the voice (default: 600 for a small dVAE, 0 for TorToiSe's)",
      whole(0),
    )
    .option("--resume <run>", "go on with an interrupted run, with its settings")
    .option(
      "--accept-changes",
      "with --resume: go on from the next round over the data though settings, base or dataset are others now",
    )
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addOption(productsOption)
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
The run's folder gets
  model/                  the fine-tuned model: hawksbill say … --model RUN
  checkpoint.safetensors  the complete state of training: --resume RUN
  checkpoints/            those that --keep-last and --keep-best keep
  adapter.safetensors     with --lora: what was trained; model/ has it merged
  reference.wav, before.wav, after.wav
                          a held-out sentence: recorded, by the base, by the fine-tuned model
  samples/                with --sample-every: that sentence by the model of each of these steps
  diffusion_decoder.pth   with --part diffusion, in place of model/: hawksbill say … --diffusion RUN
  report.html             loss curves, pictures, players; open it in a browser, while it runs too
  tensorboard/            the same for tensorboard --logdir
  log.jsonl               every event once, however often the run was stopped
  summary.json, sessions.jsonl, config.json

Examples:
  $ hawksbill finetune --dataset my-voice --out my-run
  $ hawksbill finetune --dataset my-voice --plan
  $ hawksbill finetune --dataset my-voice --range-test --out my-rates
  $ hawksbill finetune --dataset my-voice --out my-run --steps 500 --learning-rate 1e-4
  $ hawksbill finetune --dataset my-voice --out my-run --lora 16 --patience 3
  $ hawksbill finetune --dataset my-voice --base tortoise-files --part diffusion --out my-decoder
  $ hawksbill finetune --dlas EXAMPLE_gpt.yml --out my-run
  $ hawksbill finetune --config my-settings.yml --out my-run
  $ hawksbill finetune --dataset my-voice --out my-run --held-out intro-3,intro-7
  $ hawksbill finetune --resume my-run
  $ hawksbill finetune --dataset my-voice --base my-run --out my-second-run --json > events.jsonl`,
    );
  return command.action(async (flags) => {
    const options = { ...(await readConfigFile(flags.config, command)), ...flags };
    await withReporter(context, options, async (reporting) => {
      const { out, resume, plan, rangeTest, config, dlas, json, threads, dataset, ...others } =
        options;
      const { base, dvae, tokenizer, diffusion, cache, acceptChanges, ...rest } = others;
      requireKind(options);
      if (rangeTest) requireOfRangeTest(flags);
      const earlier =
        resume === undefined ? undefined : { folder: resume, config: await readRunConfig(resume) };
      const fromDlas =
        dlas === undefined ? {} : await readDlasFile(dlas, reporting.reporter, options);
      const { lists, heldOutLists, ...settings } = fromDlas;
      const asked: Partial<RunSettings> = {
        ...settings,
        ...(dataset === undefined && lists ? { lists } : {}),
        ...(dataset === undefined && rest.heldOut === undefined && heldOutLists
          ? { heldOutLists }
          : {}),
        ...rest,
        ...datasetsOf(dataset),
        ...placesOf({ base, dvae, tokenizer, diffusion, cache }),
      };
      const wanted = { ...defaults, ...earlier?.config.settings, ...asked };
      requirePart(asked, wanted);
      if (!mayBeIdle) requireEffect(options, wanted);
      await withDevice(reporting, { ...wanted, threads }, async (tools) => {
        if (plan) return showPlan(requestOf(asked), tools);
        if (rangeTest) return runRangeTest(requestOf(asked), out, tools);
        announceStop(tools, "after this step, and saving");
        const run = earlier
          ? await earlierRun(earlier, asked, { out, acceptChanges })
          : await newRun(out, asked);
        await finetuneRun(run, tools);
      });
    });
  }) as Command;
}

/** Several datasets, of which the first is the one that a voice is taken of. */
function datasetsOf([first, ...more]: readonly string[] = []): Partial<RunSettings> {
  if (first === undefined) return {};
  const dataset = placeOf(first);
  return more.length === 0 ? { dataset } : { dataset, moreDatasets: more.map(placeOf) };
}

function placesOf(
  paths: Readonly<
    Record<"base" | "dvae" | "tokenizer" | "diffusion" | "cache", string | undefined>
  >,
): Partial<RunSettings> {
  const places = Object.entries(given(paths)).map(([name, path]) => [name, placeOf(path)]);
  return Object.fromEntries(places);
}

async function newRun(out: string | undefined, asked: Partial<RunSettings>): Promise<RunOptions> {
  const settings = requestOf(asked);
  if (out === undefined)
    throw new CliError("--out is missing; give a new folder for the run, e.g. --out my-run");
  await claimFolder(out);
  return { folder: out, settings, command: "finetune" };
}

function requestOf({ dataset, ...given }: Partial<RunSettings>): RunRequest {
  if (dataset === undefined)
    throw new CliError(
      "--dataset is missing; give the folder of recordings and texts, e.g. --dataset my-voice (hawksbill demo shows a run without one)",
    );
  return { ...defaults, base: placeOf(undefined), ...given, dataset };
}

async function earlierRun(
  { folder, config }: { readonly folder: string; readonly config: RunConfig },
  given: Partial<RunSettings>,
  options: { readonly out: string | undefined; readonly acceptChanges: true | undefined },
): Promise<RunOptions> {
  const { out, acceptChanges } = options;
  if (out !== undefined && resolve(out) !== resolve(folder))
    throw new CliError(
      `--resume goes on in ${folder}, but --out is ${out}; leave --out out, or begin a new run from that one with --base ${folder}`,
    );
  const changes = changedSettings(config, given);
  if (acceptChanges) requireChangeable(folder, changes);
  else requireSameSettings(folder, changes);
  await removeUnfinished(folder);
  return {
    folder,
    settings: { ...config.settings, ...given },
    command: config.command,
    resume: config,
    ...(acceptChanges
      ? {
          accepted: changes.map(({ option, before, now }) => `${option} ${now} (${before} before)`),
        }
      : {}),
  };
}
