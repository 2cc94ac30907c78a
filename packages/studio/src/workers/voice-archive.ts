import { decodeMono, encodeWav } from "@hawksbill/audio";
import { zipSync } from "fflate";
import type { Clip } from "../clips.js";
import { bytesOf, type Folder } from "./folder.js";

/** Already packed, or of numbers that do not pack. */
const stored = { level: 0 } as const;

/** The clips as an LJSpeech dataset in a zip: `metadata.csv` and `wavs/`, which every command takes. */
export async function voiceArchive(clips: readonly Clip[], folder: Folder): Promise<Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  const lines: string[] = [];
  for (const { id, file, text, isUsed } of clips) {
    const sound = isUsed ? await folder.read(file) : undefined;
    if (!sound) continue;
    files[`wavs/${id}.wav`] = encodeWav(await decodeMono(await bytesOf(sound)));
    lines.push(`${id}|${text.replaceAll(/[|\s]+/g, " ")}\n`);
  }
  files["metadata.csv"] = new TextEncoder().encode(lines.join(""));
  return zipSync(files, stored);
}
