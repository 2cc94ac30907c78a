import { DatasetError } from "../dataset-error.js";
import { allPaths, type Files } from "../files.js";
import { clipId, isAudioName, isDecodedName, stem } from "../find-audio.js";
import { type ListRow, listRow, type Wrong } from "../list-row.js";
import type { Problem } from "../problem.js";
import { textLines } from "../text-lines.js";
import { type Cue, joinCues, segmentCues, subtitleCues, type WrongCue } from "./cues.js";
import { isListName } from "./list-file.js";

/**
 * Rows of a folder in which each recording has its text beside it: `a.wav` and `a.txt`, in as many
 * subfolders as one likes, one for each speaker; also LibriTTS and VCTK. Long recordings have subtitles
 * beside them (`a.srt`, `a.vtt`) or what Whisper wrote (`a.json`), by which they are cut.
 *
 * @returns Its rows, and what is to be told of files that are passed over.
 * @throws {DatasetError} No recording has a text.
 */
export async function folderRows(
  files: Files,
): Promise<{ readonly rows: ListRow[]; readonly notes: Problem[] }> {
  const paths = await allPaths(files);
  const isThere = new Set(paths);
  const decoded = new Set(paths.filter(isDecodedName).map(stem));
  const recordings = paths.filter(
    (path) => isAudioName(path) && (isDecodedName(path) || !decoded.has(stem(path))),
  );
  const [second, first] = parted(recordings, (audio) => isSecondMicrophone(audio, isThere));
  const rows: ListRow[] = [];
  const lists = new Set<string>();
  for (const audio of first) {
    const list = textPaths(audio).find((path) => isThere.has(path));
    if (list === undefined)
      rows.push(listRow({ audio, isPath: true, text: "", list: "", line: 0, wrong: noText }));
    else rows.push(...(await rowsBeside(files, audio, list)));
    if (list !== undefined) lists.add(list);
  }
  if (lists.size === 0) throw noList(files.name, paths);
  const heard = new Set(recordings.flatMap(textPaths));
  rows.push(...loneTexts(paths, lists, heard));
  return { rows, notes: secondMicrophones(second) };
}

function parted<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** Texts without a recording, where others of their kind beside them have one: elsewhere they may be about anything. */
function loneTexts(
  paths: readonly string[],
  used: ReadonlySet<string>,
  heard: ReadonlySet<string>,
): ListRow[] {
  const kindOf = (path: string): string => path.replace(/[^/]*$/, endOf(path));
  const kinds = new Set([...used].map(kindOf));
  return paths
    .filter((path) => endOf(path) !== "" && kinds.has(kindOf(path)) && !heard.has(path))
    .filter((path) => !/(^|\/)(readme|licen[cs]e|copying|notes?)\b[^/]*$/i.test(path))
    .map((list) => {
      const id = clipId(list.slice(0, -endOf(list).length));
      return listRow({
        audio: list,
        isPath: true,
        id,
        text: "",
        list,
        line: 1,
        wrong: noRecording,
      });
    });
}

function endOf(path: string): string {
  return textEnds.find((end) => path.endsWith(end)) ?? "";
}

const noRecording: Wrong = {
  fault: "missing-file",
  reason: "has no recording",
  advice: "put one of the same name beside it, or take it out",
};

/** There is nothing from which to learn what is said. */
export function noList(name: string, paths: readonly string[]): DatasetError {
  const lists = paths.filter((path) => isListName(path) && !path.includes("/"));
  if (lists.length > 1)
    return new DatasetError(
      `${name}: there are several lists, and none is called metadata.csv: ${lists.slice(0, 5).join(", ")}; give the one that is meant, e.g. ${name}/${lists[0]}`,
    );
  const found = paths.length === 0 ? "no files" : paths.slice(0, 5).join(", ");
  return new DatasetError(
    `${name}: there is no metadata.csv (found ${found}); write one with a line "id|text" for each wavs/id.wav, or put a text id.txt beside each id.wav`,
  );
}

const noText: Wrong = {
  fault: "missing-text",
  reason: "has no text",
  advice: "write what is said into a file of the same name that ends in .txt, or take it out",
};

/** How the names of texts end, the likeliest first. */
const textEnds = [".normalized.txt", ".txt", ".lab", ".srt", ".vtt", ".json"];

/** Where the text of a recording may be, the likeliest first. */
function textPaths(audio: string): string[] {
  const start = stem(audio);
  // VCTK has its texts in a folder of their own, one for both microphones.
  const vctk = start.replace(/^[^/]+\//, "txt/").replace(/_mic[12]$/, "");
  return [...textEnds.map((end) => start + end), `${vctk}.txt`];
}

function isSecondMicrophone(audio: string, isThere: ReadonlySet<string>): boolean {
  return /_mic2\.\w+$/.test(audio) && isThere.has(audio.replace("_mic2.", "_mic1."));
}

/** One problem for all of them, as there are as many as clips. */
function secondMicrophones([path, ...more]: readonly string[]): Problem[] {
  if (path === undefined) return [];
  const others = more.length === 0 ? "" : `, as ${more.length} other audio files are`;
  return [
    {
      fault: "unlisted-files",
      ...{ id: clipId(path), list: "", line: 0, path },
      reason: `is the second microphone's, of a clip that the first one's is taken of${others}`,
      advice: "take the first one's away where the second is better",
    },
  ];
}

async function rowsBeside(files: Files, audio: string, list: string): Promise<ListRow[]> {
  const place = { audio, isPath: true, list, line: 1, speaker: speakerOf(audio) } as const;
  const lines = textLines((await files.read(list)) ?? new Uint8Array(), `${files.name}: ${list}`);
  if (lines.some(({ text }) => text === undefined))
    return [
      listRow({
        ...place,
        text: "",
        wrong: { fault: "not-utf8", reason: "the text is not UTF-8", advice: "save it as UTF-8" },
      }),
    ];
  const text = lines.map((line) => line.text).join("\n");
  if (/\.(srt|vtt)$/.test(list)) return cueRows(joinCues(subtitleCues(lines)), place);
  if (list.endsWith(".json")) return cueRows(joinCues(segmentCues(jsonOf(text))), place);
  return [listRow({ ...place, text: text.replace(/\s+/g, " ").trim() })];
}

/** A row for each cue of a recording, for wrong ones, too. */
export function cueRows(
  cues: readonly (Cue | WrongCue)[],
  place: Pick<ListRow, "audio" | "isPath" | "list" | "line" | "speaker">,
): ListRow[] {
  const wrong: Wrong = {
    fault: "bad-line",
    reason: "there are no times with texts in it",
    advice: "give SRT, WebVTT, or JSON with segments of start, end and text",
  };
  if (cues.length === 0) return [listRow({ ...place, text: "", wrong })];
  return cues.map((cue) => {
    const { line } = cue;
    if ("wrong" in cue) return listRow({ ...place, line, text: "", wrong: cue.wrong });
    const { startSeconds, endSeconds, text } = cue;
    return listRow({ ...place, line, text, span: { startSeconds, endSeconds, isRough: true } });
  });
}

/** The value of a JSON text; undefined if it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Who speaks, by the folder; "" where there is none. */
function speakerOf(audio: string): string {
  const id = clipId(audio);
  const name = id.slice(id.lastIndexOf("/") + 1);
  const libri = /^(\d+)_\d+_\d+_\d+$/.exec(name)?.[1];
  const folders = id
    .split("/")
    .slice(0, -1)
    .filter((folder) => !/^(audio|wav|wavs|flac|clips|wav48.*)$/i.test(folder));
  return libri ?? folders[0] ?? "";
}
