import type { ClipEntry } from "./clip-entry.js";

/**
 * A list of clips in JSON lines, which `readClips` reads from the same folder: to leave clips out, or
 * to keep what was found in another format.
 */
export function writeList(clips: readonly ClipEntry[]): string {
  return clips
    .map(({ id, path, text, speaker, language, split, span }) => {
      const times = span && {
        start: span.startSeconds,
        end: span.endSeconds,
        rough: span.isRough,
      };
      return `${JSON.stringify({ id, audio: path, text, speaker, language, split: split === "heldOut" ? "test" : split, ...times })}\n`;
    })
    .join("");
}
