import { access, constants, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliError } from "../cli-error.js";
import { shellWord } from "../format.js";
import { exists } from "../place.js";
import type { RunConfig } from "./run-config.js";
import { readRunConfig } from "./run-config.js";
import { runFiles } from "./run-files.js";

/** What holds weights that were trained. */
const learnt: ReadonlySet<string> = new Set([
  runFiles.checkpoint,
  runFiles.checkpoints,
  runFiles.adapter,
  runFiles.diffusion,
  runFiles.model,
]);

/**
 * Makes a folder ready for a new run, without losing anything: a folder that has a trained run, or
 * files of the same names, is refused.
 *
 * @param mayReplace Whether an earlier run in the folder can be made again at any time.
 * @throws {CliError} The folder is taken. An error of the file system: it cannot be written.
 */
export async function claimFolder(
  folder: string,
  mayReplace: (earlier: RunConfig) => boolean = () => false,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await access(folder, constants.W_OK);
  const taken: string[] = [];
  for (const name of Object.values(runFiles))
    if (await exists(join(folder, name))) taken.push(name);
  if (taken.length === 0) return;

  const earlier = taken.includes(runFiles.config) ? await readRunConfig(folder) : undefined;
  if (!earlier)
    throw new CliError(
      `${folder}: there is ${taken.join(", ")}, which a run would write over; choose another folder`,
    );
  const kept = taken.filter((name) => learnt.has(name));
  if (kept.length > 0 && !mayReplace(earlier)) {
    const advice = kept.includes(runFiles.checkpoint)
      ? `go on with it (npx hawksbill finetune --resume ${shellWord(folder)}) or choose`
      : `${kept.join(", ")} would be lost; choose`;
    throw new CliError(`${folder}: there is a run already; ${advice} another folder`);
  }
  for (const name of taken) await rm(join(folder, name), { recursive: true });
  await removeUnfinished(folder);
}

/** Removes parts of files that a killed process was writing; the whole files before them are there. */
export async function removeUnfinished(folder: string): Promise<void> {
  const own: readonly string[] = Object.values(runFiles);
  for (const path of await readdir(folder, { recursive: true })) {
    const [, file = ""] = /^(.+)\.[0-9a-f-]{36}\.partial$/.exec(path) ?? [];
    if (own.includes(file) || own.includes(dirname(file)))
      await rm(join(folder, path), { force: true });
  }
}
