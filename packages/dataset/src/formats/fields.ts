import type { Span, Split } from "../clip-entry.js";
import { type ListRow, listRow, type Wrong } from "../list-row.js";

/** What lists with named fields call each thing, the likeliest name first. */
const names = {
  audio: [
    ...["audio", "audio_file", "audio_filepath", "audio_path", "path", "file_name", "filename"],
    ...["file", "wav", "wav_filename", "wav_path", "clip", "id"],
  ],
  text: [
    ...["text", "sentence", "transcript", "transcription", "raw_text"],
    ...["normalized_text", "normalised_text"],
  ],
  speaker: ["speaker", "speaker_name", "speaker_id", "client_id"],
  language: ["language", "locale", "lang"],
  split: ["split", "subset"],
  start: ["start", "start_seconds", "start_time", "offset", "begin"],
  end: ["end", "end_seconds", "end_time"],
  duration: ["duration"],
  rough: ["rough"],
} as const satisfies Record<string, readonly string[]>;

/** Whether fields of these names can tell of clips. */
export function areFields(header: readonly string[]): boolean {
  const has = (key: "audio" | "text"): boolean =>
    header.some((name) => (names[key] as readonly string[]).includes(name.trim().toLowerCase()));
  return has("audio") && has("text");
}

/** A row from named fields: the columns of a table, or a JSON object. */
export function fieldsRow(
  fields: Readonly<Record<string, unknown>>,
  place: Pick<ListRow, "list" | "line"> & { readonly split?: Split | undefined },
): ListRow {
  const lower = new Map(
    Object.entries(fields).map(([name, value]) => [name.trim().toLowerCase(), asText(value)]),
  );
  const get = (key: keyof typeof names): string =>
    names[key].map((name) => lower.get(name) ?? "").find((value) => value !== "") ?? "";
  const { span, wrong } = spanOf(get("start"), get("end"), get("duration"));
  const audio = get("audio");
  return listRow({
    ...place,
    audio,
    text: get("text"),
    id: lower.get("id") !== audio ? lower.get("id") : undefined,
    speaker: get("speaker"),
    language: get("language"),
    split: splitOf(get("split")) ?? place.split,
    span: span && get("rough") === "true" ? { ...span, isRough: true } : span,
    wrong: audio === "" ? noAudio : wrong,
  });
}

const noAudio: Wrong = {
  fault: "bad-line",
  reason: "the line names no audio file",
  advice: "give it as audio, or take the line out",
};

/** The part of a dataset that a name of it, or of its list, stands for. */
export function splitOf(name: string): Split | undefined {
  if (/(^|[^a-z])(train|training)([^a-z]|$)/i.test(name)) return "training";
  const isHeldOut = /(^|[^a-z])(valid|validation|val|dev|eval|evaluation|test|heldout)([^a-z]|$)/i;
  return isHeldOut.test(name) ? "heldOut" : undefined;
}

function asText(value: unknown): string {
  // Hugging Face's `audio` is an object with the path.
  if (typeof value === "object" && value !== null && "path" in value) return asText(value.path);
  return ["string", "number", "boolean"].includes(typeof value) ? `${value}`.trim() : "";
}

/** The part of a recording between two times, or for a duration from the first; all of it without. */
function spanOf(
  start: string,
  end: string,
  duration: string,
): { readonly span?: Span; readonly wrong?: Wrong } {
  if (start === "" && end === "") return {}; // A duration alone is that of the file.
  const startSeconds = Number(start);
  const endSeconds =
    end !== "" ? Number(end) : duration !== "" ? startSeconds + Number(duration) : Infinity;
  if (startSeconds >= 0 && endSeconds > startSeconds) return { span: { startSeconds, endSeconds } };
  return {
    wrong: {
      fault: "bad-times",
      reason: `the clip is said to go from ${start || "its beginning"} to ${end || `${endSeconds}`}`,
      advice: "give start and end in seconds, the end after the start",
    },
  };
}
