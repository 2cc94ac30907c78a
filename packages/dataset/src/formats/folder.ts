import { DatasetError } from "../dataset-error.js";
import { allPaths, type Files } from "../files.js";
import { clipId, isAudioName, stem } from "../find-audio.js";
import { type ListRow, listRow, type Wrong } from "../list-row.js";
import { textLines } from "../text-lines.js";
import { type Cue, joinCues, segmentCues, subtitleCues } from "./cues.js";
import { isListName } from "./list-file.js";

/**
 * Rows of a folder in which each recording has its text beside it: `a.wav` and `a.txt`, in as many
 * subfolders as one likes, one for each speaker; also LibriTTS and VCTK. Long recordings have subtitles
 * beside them (`a.srt`, `a.vtt`) or what Whisper wrote (`a.json`), by which they are cut.
 *
 * @throws {DatasetError} No recording has a text.
 */
export async function folderRows(files: Files): Promise<ListRow[]> {
  const paths = await allPaths(files);
  const isThere = new Set(paths);
  const rows: ListRow[] = [];
  for (const audio of paths.filter(isAudioName)) {
    if (isSecondMicrophone(audio, isThere)) continue;
    const list = textPaths(audio).find((path) => isThere.has(path));
    if (list === undefined)
      rows.push(listRow({ audio, isPath: true, text: "", list: "", line: 0, wrong: noText }));
    else rows.push(...(await rowsBeside(files, audio, list)));
  }
  if (rows.some(({ list }) => list !== "")) return rows;
  throw noList(files.name, paths);
}

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

/** Where the text of a recording may be, the likeliest first. */
function textPaths(audio: string): string[] {
  const start = stem(audio);
  const ends = [".normalized.txt", ".txt", ".lab", ".srt", ".vtt", ".json"];
  // VCTK has its texts in a folder of their own, one for both microphones.
  const vctk = start.replace(/^[^/]+\//, "txt/").replace(/_mic[12]$/, "");
  return [...ends.map((end) => start + end), `${vctk}.txt`];
}

function isSecondMicrophone(audio: string, isThere: ReadonlySet<string>): boolean {
  return /_mic2\.\w+$/.test(audio) && isThere.has(audio.replace("_mic2.", "_mic1."));
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
  if (/\.(srt|vtt)$/.test(list)) return cueRows(joinCues(subtitleCues(text)), place);
  if (list.endsWith(".json")) return cueRows(joinCues(segmentCues(jsonOf(text))), place);
  return [listRow({ ...place, text: text.replace(/\s+/g, " ").trim() })];
}

/** A row for each cue of a recording. */
export function cueRows(
  cues: readonly Cue[],
  place: Pick<ListRow, "audio" | "isPath" | "list" | "line" | "speaker">,
): ListRow[] {
  const wrong: Wrong = {
    fault: "bad-line",
    reason: "there are no times with texts in it",
    advice: "give SRT, WebVTT, or JSON with segments of start, end and text",
  };
  if (cues.length === 0) return [listRow({ ...place, text: "", wrong })];
  return cues.map(({ startSeconds, endSeconds, text }) =>
    listRow({ ...place, text, span: { startSeconds, endSeconds, isRough: true } }),
  );
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
