import { type DecodedAudio, decodeAudio } from "@hawksbill/audio";
import type { ClipEntry, Span } from "./clip-entry.js";
import type { Files } from "./files.js";
import { snapToPauses } from "./snap-to-pauses.js";
import { Unusable, withoutStop } from "./unusable.js";

/**
 * Decodes clips. The last file is kept, because the parts of a long recording follow on one another.
 *
 * @returns A function that gives a clip's sound, all channels at the file's own rate. It throws
 *   `Unusable` if the file is missing or damaged, `AudioError` if it is no audio that can be read.
 */
export function clipDecoder(files: Files): (entry: ClipEntry) => Promise<DecodedAudio> {
  let last: { readonly path: string; readonly audio: DecodedAudio } | undefined;
  return async ({ path, span }) => {
    if (!span) return decode(files, path);
    if (last?.path !== path) last = { path, audio: await decode(files, path) };
    return partOf(last.audio, span);
  };
}

async function decode(files: Files, path: string): Promise<DecodedAudio> {
  const bytes = await files.read(path).catch((error: unknown) => {
    throw new Unusable("unreadable", `cannot be read: ${error}`, "see that you may read it");
  });
  if (!bytes)
    throw new Unusable("missing-file", "is missing", "add the file, or take the line out");
  const audio = await decodeAudio(bytes);
  const [warning] = audio.warnings;
  if (warning === undefined) return audio;
  // Part of the sound is missing, so it does not say all of the text.
  const reason = `is damaged: ${withoutStop(warning)}`;
  throw new Unusable("damaged", reason, "save it again from the recording");
}

/** How far past a recording's end a time may be, that was rounded: a hundredth of a second is usual. */
const toleranceSeconds = 0.05;

function partOf(audio: DecodedAudio, span: Span): DecodedAudio {
  const { channels, sampleRateHz } = audio;
  const count = channels[0]?.length ?? 0;
  const seconds = count / sampleRateHz;
  const isOpen = span.endSeconds === Infinity;
  if (span.startSeconds >= seconds || (!isOpen && span.endSeconds > seconds + toleranceSeconds))
    throw new Unusable(
      "bad-times",
      `lasts ${seconds.toFixed(2)} s, but the clip is said to go from ${span.startSeconds} to ${span.endSeconds} s`,
      "correct the times, or take the line out",
    );
  const { startSeconds, endSeconds } = span.isRough ? snapToPauses(audio, span) : span;
  const start = Math.round(startSeconds * sampleRateHz);
  const end = Math.min(count, Math.round(endSeconds * sampleRateHz));
  return { ...audio, channels: channels.map((channel) => channel.subarray(start, end)) };
}
