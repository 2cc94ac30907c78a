import { DatasetError } from "./dataset-error.js";
import type { Files } from "./files.js";
import {
  audioFolder,
  audioPaths,
  clipId,
  fileFinder,
  isAudioName,
  staysInside,
} from "./find-audio.js";
import { metadataPath, type Problem } from "./problem.js";
import { type TextLine, textLines } from "./text-lines.js";

/** A clip that a dataset's list names and whose file is there; nothing has been decoded yet. */
export interface ClipEntry {
  /** Its name, e.g. "LJ001-0001". */
  readonly id: string;
  /** Its audio file, as seen from the dataset's folder. */
  readonly path: string;
  readonly text: string;
  /** The line of metadata.csv, counted from 1. */
  readonly line: number;
}

/**
 * Reads the list of a dataset in the LJSpeech layout: `metadata.csv` has a line `id|text` or
 * `id|text|normalised text` for each clip `wavs/id.wav`. The normalised text is taken where there is one.
 *
 * Paths may be given instead of ids (`wavs/a.wav|text`), other formats than WAV too. Blank lines are skipped.
 *
 * @returns The clips in the order of their lines, and what stands in the way of all others.
 * @throws {DatasetError} There is no metadata.csv, it is empty, or it is not UTF-8 at all.
 */
export async function readLJSpeech(
  files: Files,
): Promise<{ readonly clips: ClipEntry[]; readonly problems: Problem[] }> {
  const lines = await metadataLines(files);
  const find = fileFinder(files);
  const longest = mostColumns(lines);
  const clips: ClipEntry[] = [];
  const problems: Problem[] = [];
  const named = new Set<string>();
  const lineOf = new Map<string, number>();

  for (const { number: line, text: row } of lines) {
    const columns = row?.split("|").map((column) => column.trim()) ?? [];
    const [first = "", plain = "", normalised = ""] = columns;
    const name = first.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
    const path = staysInside(name) ? await find(audioPaths(name)) : undefined;
    if (path !== undefined) named.add(path);
    const text = normalised || plain;
    const id = clipId(name);

    const fault =
      faultOf({ columns, longest, name, text }) ??
      faultOfFile(name, path, lineOf.get(id) ?? lineOf.get(path ?? ""));
    if (fault) {
      problems.push({ id, path: metadataPath, line, ...fault });
    } else if (path !== undefined) {
      lineOf.set(id, line).set(path, line);
      clips.push({ id, path, text, line });
    }
  }
  problems.push(...(await unnamed(files, named)));
  return { clips, problems };
}

type Fault = Pick<Problem, "reason" | "advice"> & { readonly path?: string };

/** What is wrong with a line as it is written. */
function faultOf(row: {
  readonly columns: readonly string[];
  readonly longest: number;
  readonly name: string;
  readonly text: string;
}): Fault | undefined {
  const count = row.columns.length;
  if (count === 0) return { reason: "the line is not UTF-8", advice: "save the file as UTF-8" };
  if (count === 1) return { reason: 'the line has no "|"', advice: "write it as id|text" };
  if (row.name === "")
    return { reason: 'there is no id before the "|"', advice: "write the line as id|text" };
  if (!staysInside(row.name))
    return {
      reason: `${JSON.stringify(row.columns[0])} leads out of the dataset's folder`,
      advice: "put the file into the folder and name it from there",
    };
  if (count > row.longest)
    return {
      reason: `the line has ${count} columns, expected ${row.longest}`,
      advice: 'take every "|" out of the text',
    };
  if (row.text === "")
    return { reason: "the text is empty", advice: "write what is said, or take the line out" };
  return undefined;
}

/** What is wrong with the file that a line names. */
function faultOfFile(name: string, path?: string, lineBefore?: number): Fault | undefined {
  if (path === undefined)
    return {
      path: audioPaths(name)[0] ?? name,
      reason: "is missing",
      advice: "add the file, or take the line out",
    };
  if (lineBefore !== undefined)
    return {
      path,
      reason: `is the clip of line ${lineBefore} already`,
      advice: "keep the line whose text is right",
    };
  return undefined;
}

/** The lines that are not blank. */
async function metadataLines(files: Files): Promise<TextLine[]> {
  const bytes = await files.read(metadataPath);
  if (!bytes) {
    const names = await files.list("");
    const found = names.length === 0 ? "no files" : names.slice(0, 5).join(", ");
    throw new DatasetError(
      `${files.name}: there is no ${metadataPath} (found ${found}); write one with a line "id|text" for each ${audioFolder}/id.wav`,
    );
  }
  const lines = textLines(bytes, `${files.name}: ${metadataPath}`).filter(
    ({ text }) => text?.trim() !== "",
  );
  if (lines.length > 0) return lines;
  throw new DatasetError(
    `${files.name}: ${metadataPath} is empty; write a line "id|text" for each ${audioFolder}/id.wav`,
  );
}

/**
 * How many columns a line may have: three if most have three. Where most have two, a third one is
 * rather a text with a "|" in it, and taking its end for the normalised text would lose its beginning.
 */
function mostColumns(lines: readonly TextLine[]): 2 | 3 {
  const columns = lines.map(({ text = "" }) => text.split("|").length);
  const three = columns.filter((count) => count === 3).length;
  const two = columns.filter((count) => count === 2).length;
  return three > two ? 3 : 2;
}

/** Audio files that no line names: one problem for all of them, as there may be thousands. */
async function unnamed(files: Files, named: ReadonlySet<string>): Promise<Problem[]> {
  const paths = (await files.list(audioFolder))
    .filter((name) => isAudioName(name) && !name.startsWith("."))
    .map((name) => `${audioFolder}/${name}`)
    .filter((path) => !named.has(path));
  const [path] = paths.sort();
  if (path === undefined) return [];
  const reason =
    paths.length === 1
      ? "no line of metadata.csv names it"
      : `no line of metadata.csv names it, nor ${paths.length - 1} other audio files`;
  const advice = "add lines id|text to use them";
  return [{ id: clipId(path), path, line: 0, reason, advice }];
}
