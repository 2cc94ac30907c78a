import { Command } from "@commander-js/extra-typings";
import { CliError } from "../cli-error.js";
import { type Context, withReporter } from "../context.js";
import { axisOf } from "../sweep/combinations.js";
import { runSweep } from "../sweep/run-sweep.js";
import { finetuneCommand } from "./finetune.js";

export function sweepCommand(context: Context): Command {
  return new Command("sweep")
    .summary("fine-tune with each of several settings, and compare")
    .description(
      "Makes a run of finetune for each combination of the values that are given, one after another, and one page that compares them: curves, a table by held-out loss, samples to play. All other options are finetune's, and the same for all runs. The same command again goes on where it was stopped; what is finished is not made again. The exit code is 1 if a run failed.",
    )
    .argument("[options...]", "any options of finetune, for all runs")
    .allowUnknownOption()
    .requiredOption("--out <dir>", "folder for sweep.html, sweep.json and runs/")
    .requiredOption(
      "--set <option=values>",
      "an option of finetune and what it is to be, e.g. learning-rate=1e-5,1e-4; once for each option. none leaves it out, as lora=0 does",
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill sweep --dataset my-voice --steps 100 --set learning-rate=1e-5,5e-5,1e-4 --out rates
  $ hawksbill sweep --dataset my-voice --set lora=0,16 --set seed=1,2,3 --out with-and-without`,
    )
    .action(async (args, { out, set }) => {
      const own = args.map((arg) => arg.replace(/=.*/, "")).find((arg) => ofOneRun.includes(arg));
      if (own !== undefined)
        throw new CliError(`${own} is for one run; give it to finetune, without sweep`);
      const { options } = finetuneCommand(context);
      const json = args.includes("--json") || undefined;
      await withReporter(context, { json }, ({ reporter, signal }) =>
        runSweep({
          folder: out,
          axes: set.map((text) => axisOf(text, options)),
          args,
          options,
          finetune: (runArgs) => oneFinetune(context, runArgs),
          reporter,
          signal,
        }),
      );
    }) as unknown as Command;
}

const ofOneRun = ["--resume", "--accept-changes", "--plan", "--range-test"];

async function oneFinetune(context: Context, args: readonly string[]): Promise<void> {
  context.signal.throwIfAborted();
  let said = "";
  const command = finetuneCommand(context, { mayBeIdle: true }).exitOverride();
  command.configureOutput({
    writeErr: (text) => {
      said += text;
    },
  });
  try {
    await command.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (said === "") throw error;
    throw new CliError(said.replace(/^error: /, "").trim(), { cause: error });
  }
}
