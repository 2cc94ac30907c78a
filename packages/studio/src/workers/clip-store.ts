import type { Clip } from "../clips.js";
import type { FoundClip } from "./find-clips.js";
import { type Folder, readJson } from "./folder.js";

const clipsFile = "clips.json";

/** What the file holds. */
interface Kept {
  readonly clips: readonly Clip[];
  /** The last number given. None is given twice: a fine-tuning knows its clips by them, removed ones too. */
  readonly lastNumber: number;
}

/** The clips in the studio's folder. Each call reads them anew, for other tabs may have changed them. */
export class ClipStore {
  readonly folder: Folder;

  constructor(folder: Folder) {
    this.folder = folder;
  }

  async clips(): Promise<readonly Clip[]> {
    return (await this.#kept()).clips;
  }

  add(found: readonly FoundClip[]): Promise<readonly Clip[]> {
    return this.#change(async ({ clips, lastNumber }) => {
      const added: Clip[] = [];
      for (const [i, { name, text, extension, bytes }] of found.entries()) {
        const id = idOf(lastNumber + 1 + i);
        const file = `clips/${id}.${extension}`;
        await this.folder.write(file, await bytes());
        added.push({ id, name, file, text, isUsed: true });
      }
      return { clips: [...clips, ...added], lastNumber: lastNumber + added.length };
    });
  }

  change(id: string, change: Partial<Pick<Clip, "text" | "isUsed">>): Promise<readonly Clip[]> {
    return this.#change(async ({ clips, lastNumber }) => ({
      clips: clips.map((clip) => (clip.id === id ? { ...clip, ...change } : clip)),
      lastNumber,
    }));
  }

  async remove(ids: readonly string[]): Promise<readonly Clip[]> {
    const isGone = ({ id }: Clip): boolean => ids.includes(id);
    const gone = (await this.clips()).filter(isGone);
    const left = await this.#change(async ({ clips, lastNumber }) => ({
      clips: clips.filter((clip) => !isGone(clip)),
      lastNumber,
    }));
    for (const { file } of gone) await this.folder.remove(file);
    return left;
  }

  /** @throws The recording is gone. */
  async sound(id: string): Promise<Blob> {
    const clip = (await this.clips()).find((clip) => clip.id === id);
    const file = clip && (await this.folder.read(clip.file));
    if (!file)
      throw new Error(`${clip?.name ?? id}: the recording is no longer there; add it again`);
    return file;
  }

  async #kept(): Promise<Kept> {
    return (await readJson<Kept>(this.folder, clipsFile)) ?? { clips: [], lastNumber: 0 };
  }

  #change(changed: (kept: Kept) => Promise<Kept>): Promise<readonly Clip[]> {
    return this.folder.alone("clips", async () => {
      const kept = await changed(await this.#kept());
      await this.folder.write(clipsFile, JSON.stringify(kept));
      return kept.clips;
    });
  }
}

function idOf(number: number): string {
  return `clip-${`${number}`.padStart(4, "0")}`;
}
