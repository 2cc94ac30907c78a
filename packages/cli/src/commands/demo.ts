import { Command } from "@commander-js/extra-typings";
import { readLJSpeech } from "@hawksbill/dataset";
import { openFolder } from "@hawksbill/dataset/node";
import { type Context, withTools } from "../context.js";
import { deviceOption, jsonOption, threadsOption, whole } from "../options.js";
import { datasetPath, embedded } from "../place.js";
import { finetuneRun } from "../run/finetune-run.js";
import type { RunSettings } from "../run/run-config.js";
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
    .option("--steps <n>", "optimiser steps", whole(1), 80)
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill demo
  $ hawksbill demo --out my-demo --seed 1
  $ hawksbill say "Good morning." --model hawksbill-demo --out morning.wav`,
    )
    .action(async (options) => {
      await withTools(context, options, async (tools) => {
        announceStop(tools, "after this step, and saving");
        const { out, seed, steps, device = "auto" } = options;
        await claimFolder(out, ({ command }) => command === "demo");
        await finetuneRun(
          { folder: out, command: "demo", settings: await demoSettings({ seed, steps, device }) },
          tools,
        );
      });
    }) as Command;
}

/** What a demo does: all else than the options is fixed. */
export async function demoSettings(
  options: Pick<RunSettings, "seed" | "steps" | "device">,
): Promise<RunSettings> {
  const { clips } = await readLJSpeech(await openFolder(datasetPath(embedded)));
  const heldOut = clips.slice(-heldOutClips).map(({ id }) => id);
  return {
    dataset: embedded,
    base: embedded,
    batchSize: 24,
    heldOut,
    recipe: "hawksbill",
    ...options,
  };
}
