import type { ClipEntry } from "./clip-entry.js";
import type { Files } from "./files.js";
import {
  audioFolder,
  audioPaths,
  clipId,
  fileFinder,
  isAudioName,
  isDecodedName,
  staysInside,
  tidyPath,
} from "./find-audio.js";
import type { ListRow, Wrong } from "./list-row.js";
import type { Problem } from "./problem.js";

/** The clips that a dataset lists, and what stands in the way of all others. */
export interface ClipList {
  /** In the order of their lines. */
  readonly clips: ClipEntry[];
  readonly problems: Problem[];
}

/** The lists that rows are of. */
interface RowSource {
  /** Their paths. */
  readonly lists: readonly string[];
  /** What to do with recordings that they do not name. */
  readonly advice: string;
}

/**
 * Looks for the recordings that rows name; each clip may be named once.
 *
 * @param source Where rows are of lists: then recordings that these do not name are told.
 */
export async function findClips(
  rows: readonly ListRow[],
  files: Files,
  source?: RowSource,
): Promise<ClipList> {
  const find = fileFinder(files);
  const clips: ClipEntry[] = [];
  const problems: Problem[] = [];
  const named = new Set<string>();
  const earlier = new Map<string, ListRow>();
  const parts = new Map<string, number>();
  const bases = new Set(rows.filter(({ isPath }) => !isPath).map(baseOf));

  for (const row of rows) {
    const name = tidyPath(row.audio);
    const base = baseOf(row);
    const candidates = row.isPath ? [name] : audioPaths(name, base);
    const path = staysInside(name) && name !== "" ? await find(candidates) : undefined;
    if (path !== undefined) named.add(path);
    // Lists in several folders may each have an `a.wav` of their own.
    const prefix = row.isPath || bases.size < 2 ? "" : base;
    const id = prefix + (row.id ?? idOf(row, name, { parts, prefix }));
    const keys = row.span ? [id] : [id, path ?? ""];
    const before = keys.map((key) => earlier.get(key)).find((found) => found !== undefined);

    const wrong = row.wrong ?? wrongWords(row, name) ?? wrongFile(row, path, before);
    if (wrong) {
      const isTheFile = ["missing-file", "unreadable", "same-clip"].includes(wrong.fault);
      const atFault = isTheFile || row.list === "" ? (path ?? candidates[0] ?? name) : row.list;
      problems.push({ ...wrong, id, list: row.list, line: row.line, path: atFault });
    } else if (path !== undefined) {
      for (const key of keys) earlier.set(key, row);
      const { audio: _, isPath: __, wrong: ___, ...known } = row;
      clips.push({ ...known, id, path });
    }
  }
  if (source) problems.push(...(await unlisted(files, named, source)));
  return { clips, problems };
}

/** The folder of a row's list, "" or with "/" at its end. */
function baseOf({ list }: ListRow): string {
  return list.slice(0, list.lastIndexOf("/") + 1);
}

/** The name of a row's file, with the number of the part where the row is only a part of it. */
function idOf(
  { span }: ListRow,
  name: string,
  { parts, prefix }: { readonly parts: Map<string, number>; readonly prefix: string },
): string {
  if (!span) return clipId(name);
  const number = (parts.get(prefix + name) ?? 0) + 1;
  parts.set(prefix + name, number);
  return `${clipId(name)}-${`${number}`.padStart(4, "0")}`;
}

function wrongWords({ audio, text }: ListRow, name: string): Wrong | undefined {
  if (!staysInside(name))
    return {
      fault: "outside-folder",
      reason: `${JSON.stringify(audio)} leads out of the dataset's folder`,
      advice: "put the file into the folder and name it from there",
    };
  if (text !== "") return undefined;
  const advice = "write what is said, or take the line out";
  return { fault: "empty-text", reason: "the text is empty", advice };
}

/** What is wrong with the file that a row names. */
function wrongFile(row: ListRow, path?: string, before?: ListRow): Wrong | undefined {
  if (path === undefined)
    return {
      fault: "missing-file",
      reason: "is missing",
      advice: "add the file, or take the line out",
    };
  if (!isDecodedName(path))
    return {
      fault: "unreadable",
      reason: "is in a format that cannot be read",
      advice: "convert it to WAV, FLAC, MP3 or Ogg, e.g. ffmpeg -i input output.flac",
    };
  if (!before) return undefined;
  const place = before.list === row.list ? `line ${before.line}` : `${before.list}:${before.line}`;
  return {
    fault: "same-clip",
    reason: `is the clip of ${place} already`,
    advice: "keep the line whose text is right",
  };
}

/** Audio files that no line names: one problem for all of them, as there may be thousands. */
async function unlisted(
  files: Files,
  named: ReadonlySet<string>,
  { lists, advice }: RowSource,
): Promise<Problem[]> {
  const paths = (await files.list(audioFolder))
    .filter((name) => isAudioName(name) && !name.startsWith("."))
    .map((name) => `${audioFolder}/${name}`)
    .filter((path) => !named.has(path));
  const [path] = paths.sort();
  if (path === undefined) return [];
  const others = paths.length === 1 ? "" : `, nor ${paths.length - 1} other audio files`;
  return [
    {
      fault: "unlisted-files",
      id: clipId(path),
      list: "",
      line: 0,
      path,
      reason: `no line of ${lists.join(", ")} names it${others}`,
      advice,
    },
  ];
}
