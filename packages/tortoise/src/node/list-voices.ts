import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { clipFile, latentsFile } from "./open-voice.js";

/** A voice in a folder of voices. */
export interface ListedVoice {
  readonly name: string;
  /** For `openVoice`. */
  readonly path: string;
  readonly holds: "clips" | "latents";
  /** How many there are; none of latents. */
  readonly clips: number;
}

/**
 * The voices in a folder, by name: folders with clips (of a dataset, in its wavs/) or with one file of latents, and
 * files of latents themselves, which keep their ending in the name where another voice would be called the same.
 *
 * @throws An error of the file system: the folder cannot be read.
 */
export async function listVoices(folder: string): Promise<ListedVoice[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith("."))
      .map(async (entry): Promise<ListedVoice | undefined> => {
        const path = join(folder, entry.name);
        if (latentsFile.test(entry.name))
          return { name: entry.name.replace(latentsFile, ""), path, holds: "latents", clips: 0 };
        const names = await readdir(path).catch(() => []);
        for (const place of [path, join(path, "wavs")]) {
          const clips = await clipsIn(place);
          if (clips > 0) return { name: entry.name, path: place, holds: "clips", clips };
        }
        const latents = names.filter((name) => latentsFile.test(name)).length;
        return latents === 1 ? { name: entry.name, path, holds: "latents", clips: 0 } : undefined;
      }),
  );
  const voices = found.filter((voice) => voice !== undefined);
  const count = (name: string): number => voices.filter((voice) => voice.name === name).length;
  return voices
    .map((voice) =>
      voice.holds === "latents" && count(voice.name) > 1
        ? { ...voice, name: basename(voice.path) }
        : voice,
    )
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

async function clipsIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => clipFile.test(name) && !name.startsWith(".")).length;
}
