import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { CliError } from "../cli-error.js";
import { type Context, withReporter } from "../context.js";
import { count, shellWord } from "../format.js";
import { jsonOption, words } from "../options.js";
import { modelPath } from "../place.js";
import { requireWritable } from "../require-writable.js";
import { writtenDTypes } from "../weights/in-dtype.js";
import { merged } from "../weights/merged.js";
import { type OpenedAdapter, type OpenedModel, openWeights } from "../weights/open-weights.js";
import { writeMerged } from "../weights/write-merged.js";
import { formatOf, requireOther } from "../weights/write-weights.js";

export function mergeCommand(context: Context): Command {
  return new Command("merge")
    .summary("make one model or adapter of several")
    .description(
      "Makes one of several: the mean or any weighted sum of models of one kind and size; a model with adapters merged into it; one adapter of several of the same base. Tensors are read, summed and written one by one; the result is there when it is whole, not before.",
    )
    .argument(
      "<input...>",
      "models and adapters: runs, folders, .safetensors and .pth files, checkpoints; embedded is the small model inside",
    )
    .requiredOption(
      "--out <place>",
      "a .safetensors or .pth file, or a new folder for a whole model, where there is one among the inputs",
    )
    .option(
      "--weights <numbers>",
      "how much each model (where there are adapters: each adapter) counts, e.g. 0.3,0.7 (default: all alike, 1 together)",
      numbers,
    )
    .option(
      "--model <dir>",
      "model or run whose tokenizer and dVAE a new folder gets (default: the inputs' own)",
    )
    .addOption(
      new Option("--dtype <name>", "of what is written (default: float32)").choices(writtenDTypes),
    )
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill merge my-run/checkpoints/*.safetensors --model my-run --out mean-of-my-run
  $ hawksbill merge calm-run lively-run --weights 0.7,0.3 --out rather-calm
  $ hawksbill merge embedded my-run/adapter.safetensors --out my-model
  $ hawksbill merge voice.safetensors style.safetensors --weights 1,0.5 --out both.safetensors`,
    )
    .action((names, options) =>
      withReporter(context, options, async ({ reporter, signal }) => {
        const { out, dtype = "float32" } = options;
        requireOther(
          resolve(out),
          names.map((name) => resolve(name)),
        );
        if (options.model !== undefined && formatOf(out) !== undefined)
          throw new CliError(
            `--out is ${out}, a file of weights alone; leave --model out, or give a new folder`,
          );
        if (formatOf(out) !== undefined) await requireWritable(out);
        const inputs: (OpenedModel | OpenedAdapter)[] = [];
        try {
          for (const name of names) inputs.push(await openWeights(name));
          const result = await merged(inputs, options.weights, {
            onInput: (name) => {
              signal.throwIfAborted();
              reporter.progress(`reading ${name}`);
            },
          });
          reporter.progress(`writing ${out}`);
          const tensors = await writeMerged(out, result, {
            dtype,
            ...(options.model === undefined ? {} : { model: await modelPath(options.model) }),
          });
          reporter.event({ type: "merged", file: out, what: result.type, tensors });
          reporter.note(`${shellWord(out)}: ${result.what}, ${count(tensors, "tensor")}`);
        } finally {
          for (const input of inputs) await input.close();
        }
      }),
    ) as unknown as Command;
}

function numbers(text: string): number[] {
  const found = words(text).map(Number);
  if (found.every(Number.isFinite)) return found;
  throw new InvalidArgumentError("Give numbers, separated by commas, e.g. 0.3,0.7.");
}
