import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { inspect } from "@hawksbill/checkpoint";
import { openCheckpoint } from "@hawksbill/checkpoint/node";
import { CliError } from "../cli-error.js";
import { type Context, withReporter } from "../context.js";
import { shellWord } from "../format.js";
import { jsonOption } from "../options.js";
import { runFiles } from "../run/run-files.js";
import { inspectTable, type ListedTensor } from "./inspect-table.js";

export function inspectCommand(context: Context): Command {
  return new Command("inspect")
    .summary("say what a checkpoint is, and whether it is whole")
    .description(
      "Says what a checkpoint (.pth, .safetensors) is: which model of TorToiSe, of what sizes, what is missing or wrong in it, and which settings it does not tell. Only headers are read, and nothing is run. The exit code is 1 if a file cannot be read or does not fit its kind.",
    )
    .argument("<file...>", "checkpoints, or folders of them: a model, a run")
    .option("--tensors", "list each tensor with its dtype and shape")
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill inspect autoregressive.pth
  $ hawksbill inspect my-run --tensors
  $ hawksbill inspect *.pth --json > what-is-what.jsonl`,
    )
    .action((paths, options) =>
      withReporter(context, options, async ({ reporter, signal }) => {
        const files = (await Promise.all(paths.map(checkpointsIn))).flat();
        const bad: unknown[] = [];
        for (const file of files) {
          signal.throwIfAborted();
          try {
            const found = await inspectFile(file, options.tensors ?? false);
            reporter.event({ type: "checkpoint", ...found });
            reporter.note(inspectTable(found));
            if (!found.fits) bad.push(new CliError(`${file}: it does not fit: see above`));
          } catch (error) {
            const message = error instanceof Error ? error.message : String(error);
            reporter.event({ type: "unreadable", file, message });
            if (files.length > 1) reporter.note(message);
            bad.push(error);
          }
        }
        if (files.length === 1 && bad.length === 1) throw bad[0];
        if (bad.length > 0)
          throw new CliError(`${bad.length} of ${files.length} files cannot be used: see above`);
      }),
    ) as unknown as Command;
}

async function inspectFile(file: string, withTensors: boolean) {
  const checkpoint = await openCheckpoint(file);
  try {
    const { format, tensors, storedDTypes } = checkpoint;
    const listed = Object.entries(tensors).map(
      ([name, { dtype, shape }]): ListedTensor => ({
        name,
        dtype: storedDTypes[name] ?? dtype,
        shape,
      }),
    );
    const dtypes = [...new Set(listed.map(({ dtype }) => dtype))];
    const { length: tensorCount } = listed;
    const list = withTensors ? { tensors: listed } : {};
    return { file, format, tensorCount, dtypes, ...inspect(checkpoint), ...list };
  } finally {
    await checkpoint.close();
  }
}

const extensions = [".safetensors", ".pth", ".pt", ".state"];

/** A file itself; of a folder its checkpoints, and those of the model in it. */
async function checkpointsIn(path: string): Promise<string[]> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder) return [path];
  const inside = async (folder: string): Promise<string[]> => {
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => extensions.includes(extname(name))).map((n) => join(folder, n));
  };
  const found = [...(await inside(path)), ...(await inside(join(path, runFiles.model)))];
  if (found.length > 0) return found.sort();
  throw new CliError(
    `${shellWord(path)}: the folder has no checkpoint (${extensions.join(", ")}); give one that has, or a file`,
  );
}
