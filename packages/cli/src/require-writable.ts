import { randomUUID } from "node:crypto";
import { realpath, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CliError } from "./cli-error.js";
import { fileProblem } from "./file-problem.js";
import { shellWord } from "./format.js";

/**
 * Finds out before long work whether its result can be written.
 *
 * @throws {CliError} It cannot: its folder is missing or closed to us, or it is a folder itself.
 */
export async function requireWritable(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory())
    throw new CliError(`${shellWord(path)}: it is a folder; give the path of a file`);
  if (there && !there.isFile()) return; // A device or a pipe, which is written to as it is.
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new CliError(`${shellWord(path)}: its folder does not exist; make it first`);
  const probe = `${await realpath(path).catch(() => path)}.${randomUUID()}.partial`;
  try {
    await writeFile(probe, "", { flag: "wx" });
    await rm(probe);
  } catch (cause) {
    const problem = fileProblem(cause);
    if (problem === undefined) throw cause;
    throw new CliError(problem.replace(probe, shellWord(path)), { cause });
  }
}
