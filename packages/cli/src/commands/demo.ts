import { Command } from "@commander-js/extra-typings";
import { readLJSpeech } from "@hawksbill/dataset";
import { openFolder } from "@hawksbill/dataset/node";
import { CliError } from "../cli-error.js";
import { type Context, withTools } from "../context.js";
import { deviceOption, jsonOption, threadsOption, whole } from "../options.js";
import { datasetPath, embedded } from "../place.js";
import { finetuneRun } from "../run/finetune-run.js";
import { claimFolder } from "../run/run-folder.js";
import { announceStop } from "./announce-stop.js";

/** Clips at the end of the voice that are there to be measured. */
const heldOutClips = 6;

export function demoCommand(context: Context): Command {
  return new Command("demo")
    .summary("fine-tune the model inside on the voice inside, in a few minutes")
    .description(
      "Fine-tunes the small model that comes with Hawksbill on the voice that comes with it, which the model has not heard, and writes the speech before and after, a report, and the model into a folder. An earlier demo in the folder is replaced.",
    )
    .option("--out <dir>", "folder to write to", "hawksbill-demo")
    .option("--seed <n>", "of the batches and the speech", whole(0), 0)
    .option("--steps <n>", "optimiser steps", whole(1), 40)
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill demo
  $ hawksbill demo --out /tmp/demo --seed 1
  $ hawksbill say "Good morning." --model hawksbill-demo --out morning.wav`,
    )
    .action(async (options) => {
      await withTools(context, options, async (tools) => {
        announceStop(tools, "after this step, and saving");
        const { out, seed, steps, device = "auto" } = options;
        await claimFolder(out, ({ command }) => command === "demo");
        await finetuneRun(
          {
            folder: out,
            command: "demo",
            settings: {
              dataset: embedded,
              base: embedded,
              steps,
              batchSize: 8,
              heldOut: await lastClips(),
              seed,
              recipe: "hawksbill",
              device,
            },
          },
          tools,
        );
      });
    }) as Command;
}

/** The ids of the embedded voice's last clips. */
async function lastClips(): Promise<string[]> {
  const { clips } = await readLJSpeech(await openFolder(datasetPath(embedded)));
  if (clips.length <= heldOutClips)
    throw new CliError("demo: the voice that comes with Hawksbill is damaged; install it again");
  return clips.slice(-heldOutClips).map(({ id }) => id);
}
