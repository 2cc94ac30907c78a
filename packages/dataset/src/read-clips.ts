import { DatasetError } from "./dataset-error.js";
import type { Files } from "./files.js";
import { type ClipList, findClips } from "./find-clips.js";
import { joinCues, segmentCues } from "./formats/cues.js";
import { splitOf } from "./formats/fields.js";
import { cueRows, folderRows, jsonOf, noList } from "./formats/folder.js";
import { jsonRows } from "./formats/json-lines.js";
import { isListName, type ListFile } from "./formats/list-file.js";
import { ljRows } from "./formats/lj.js";
import { tableDelimiter, tableRows } from "./formats/table.js";
import { tsvRows } from "./formats/tsv.js";
import type { ListRow } from "./list-row.js";
import { textLines } from "./text-lines.js";

/**
 * How a list is written. "lj": `id|text`, `id|text|normalised text`; "tsv": text, tab, path; "table": a
 * first line names the columns, as in Common Voice, VoxPopuli and Coqui; "jsonl": an object a line;
 * "segments": Whisper's texts with times, by file; "folder": no list, but a text beside each recording.
 */
export type DatasetFormat = "lj" | "tsv" | "table" | "jsonl" | "segments" | "folder";

/** Where a dataset lists its clips, for those that do not say it by their files' names. */
export interface ListOptions {
  /** The list, or several, as seen from the folder. Default: metadata.csv, or else what is there. */
  readonly list?: string | readonly string[];
  /** How they are written. Default: as their contents look. */
  readonly format?: DatasetFormat;
}

/**
 * Reads which clips a dataset has, in any format of {@link DatasetFormat}. Nothing is decoded.
 *
 * @throws {DatasetError} There is no list and no text, a list is empty, or it is not UTF-8 at all.
 */
export async function readClips(files: Files, options: ListOptions = {}): Promise<ClipList> {
  const given = typeof options.list === "string" ? [options.list] : options.list;
  const lists = given ?? (options.format === "folder" ? [] : await findLists(files));
  if (lists.length === 0) {
    const { rows, notes } = await folderRows(files);
    const { clips, problems } = await findClips(rows, files);
    return { clips, problems: [...problems, ...notes] };
  }
  if (options.format === "folder")
    throw new DatasetError(
      `readClips: the format "folder" has no list; leave ${lists.join(", ")} out`,
    );
  const rows: ListRow[] = [];
  let advice = "";
  for (const path of lists) {
    const file = await readList(files, path, lists.length > 1);
    const format = options.format ?? formatOf(file);
    rows.push(...rowsOf(file, format));
    advice = moreClips[format];
  }
  return findClips(rows, files, { lists, advice });
}

type ListFormat = Exclude<DatasetFormat, "folder">;

/** How a list gets more clips. */
const moreClips: { readonly [F in ListFormat]: string } = {
  lj: "add lines id|text to use them",
  tsv: "add lines of text, tab, path to use them",
  table: "add lines with the columns of the first one to use them",
  jsonl: 'add lines {"audio": "wavs/a.wav", "text": "What is said."} to use them',
  segments: "add what Whisper hears in them to use them",
};

/** The lists in a folder, by the names that tools give them; [] where there are none. */
async function findLists(files: Files): Promise<string[]> {
  const names = (await files.list("")).sort();
  const whole = ["metadata.csv", "metadata.jsonl", "manifest.jsonl", "metadata.tsv"];
  const first = whole.find((name) => names.includes(name));
  if (first !== undefined) return [first];
  const parts = names.filter((name) =>
    /^((metadata|asr|manifest)_)?(train|training|valid|validation|val|dev|eval|test)\.(txt|csv|tsv|jsonl)$/.test(
      name,
    ),
  );
  const training = parts.filter((name) => splitOf(name) === "training");
  if (training.length > 0) return [...new Set([...training, ...parts])];
  const others = ["validated.tsv", "whisper.json"].filter((name) => names.includes(name));
  const lists = names.filter(isListName);
  return others.length > 0 ? others.slice(0, 1) : lists.length === 1 ? lists : [];
}

async function readList(files: Files, path: string, isPart: boolean): Promise<ListFile> {
  const bytes = await files.read(path);
  if (!bytes) {
    const names = await files.list("");
    if (path === metadataPath) throw noList(files.name, names);
    const found = names.length === 0 ? "no files" : names.slice(0, 5).join(", ");
    throw new DatasetError(
      `${files.name}: there is no list ${path} (found ${found}); give a list's path from the folder on`,
    );
  }
  const lines = textLines(bytes, `${files.name}: ${path}`).filter(
    ({ text }) => text?.trim() !== "",
  );
  if (lines.length === 0)
    throw new DatasetError(
      `${files.name}: ${path} is empty; write a line "id|text" for each wavs/id.wav`,
    );
  const split = isPart ? splitOf(path) : undefined;
  return { path, lines, ...(split === undefined ? {} : { split }) };
}

const metadataPath = "metadata.csv";

function formatOf({ path, lines }: ListFile): ListFormat {
  const first = lines[0]?.text?.trim() ?? "";
  if (path.endsWith(".json")) return "segments";
  if (/\.(jsonl|ndjson)$/.test(path) || first.startsWith("{")) return "jsonl";
  if (tableDelimiter(first) !== undefined) return "table";
  const has = (mark: string): number => lines.filter(({ text }) => text?.includes(mark)).length;
  return has("\t") > has("|") ? "tsv" : "lj";
}

function rowsOf(file: ListFile, format: ListFormat): ListRow[] {
  switch (format) {
    case "lj":
      return ljRows(file);
    case "tsv":
      return tsvRows(file);
    case "jsonl":
      return jsonRows(file);
    case "segments":
      return segmentRows(file);
    case "table":
      return tableRows(file, tableDelimiter(file.lines[0]?.text ?? "") ?? noHeader(file.path));
  }
}

function noHeader(path: string): never {
  throw new DatasetError(
    `${path}: the first line does not name columns of audio and text; write e.g. "audio|text|speaker"`,
  );
}

/** Rows of a `whisper.json`: what Whisper heard, by file. */
function segmentRows({ path: list, lines }: ListFile): ListRow[] {
  const value = jsonOf(lines.map(({ text }) => text ?? "").join("\n"));
  const byFile = Object.entries(Object(value));
  if (byFile.length === 0)
    throw new DatasetError(`${list}: holds no JSON object of files and what is said in them`);
  return byFile.flatMap(([audio, heard]) =>
    cueRows(joinCues(segmentCues(heard)), { audio, list, line: 1 }),
  );
}
