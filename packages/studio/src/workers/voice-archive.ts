import { AudioError, decodeMono, encodeWav } from "@hawksbill/audio";
import { zipSync } from "fflate";
import type { Clip } from "../clips.js";
import { bytesOf, type Folder } from "./folder.js";

/** Already packed, or of numbers that do not pack. */
const stored = { level: 0 } as const;

/**
 * All clips in a zip: those that are learnt from as an LJSpeech dataset, `metadata.csv` and `wavs/`, which every command
 * takes, and the others as one of their own in `left-out/`.
 */
export async function voiceArchive(clips: readonly Clip[], folder: Folder): Promise<Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  const lists = new Map([["", ""]]);
  for (const { id, file, text, isUsed } of clips) {
    const sound = await folder.read(file);
    if (!sound) continue;
    const place = isUsed ? "" : "left-out/";
    const { bytes, extension } = await asWav(file, await bytesOf(sound));
    files[`${place}wavs/${id}.${extension}`] = bytes;
    lists.set(place, `${lists.get(place) ?? ""}${id}|${text.replaceAll(/[|\s]+/g, " ")}\n`);
  }
  for (const [place, lines] of lists)
    files[`${place}metadata.csv`] = new TextEncoder().encode(lines);
  return zipSync(files, stored);
}

/** A recording as WAV; one that cannot be read, as it is. */
async function asWav(
  file: string,
  bytes: Uint8Array,
): Promise<{ readonly bytes: Uint8Array; readonly extension: string }> {
  try {
    return { bytes: encodeWav(await decodeMono(bytes)), extension: "wav" };
  } catch (error) {
    if (!(error instanceof AudioError)) throw error;
    return { bytes, extension: file.slice(file.lastIndexOf(".") + 1) };
  }
}
