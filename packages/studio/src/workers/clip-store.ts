import type { Clip } from "../clips.js";
import type { FoundClip } from "./find-clips.js";
import { type Folder, openFolder, readJson } from "./folder.js";

const clipsFile = "clips.json";

/** The clips in the studio's folder. */
export class ClipStore {
  readonly folder: Folder;
  #clips: readonly Clip[];

  private constructor(folder: Folder, clips: readonly Clip[]) {
    this.folder = folder;
    this.#clips = clips;
  }

  static async open(): Promise<ClipStore> {
    const folder = await openFolder();
    return new ClipStore(folder, (await readJson<readonly Clip[]>(folder, clipsFile)) ?? []);
  }

  get clips(): readonly Clip[] {
    return this.#clips;
  }

  async add(found: readonly FoundClip[]): Promise<readonly Clip[]> {
    const added: Clip[] = [];
    let number = this.#clips.reduce((most, { id }) => Math.max(most, numberOf(id)), 0);
    for (const { name, text, extension, bytes } of found) {
      const id = idOf(++number);
      const file = `clips/${id}.${extension}`;
      await this.folder.write(file, await bytes());
      added.push({ id, name, file, text, isUsed: true });
    }
    return this.#store([...this.#clips, ...added]);
  }

  change(id: string, change: Partial<Pick<Clip, "text" | "isUsed">>): Promise<readonly Clip[]> {
    return this.#store(this.#clips.map((clip) => (clip.id === id ? { ...clip, ...change } : clip)));
  }

  async remove(ids: readonly string[]): Promise<readonly Clip[]> {
    const gone = this.#clips.filter(({ id }) => ids.includes(id));
    const left = await this.#store(this.#clips.filter((clip) => !gone.includes(clip)));
    for (const { file } of gone) await this.folder.remove(file);
    return left;
  }

  /** @throws The recording is gone. */
  async sound(id: string): Promise<Blob> {
    const clip = this.#clips.find((clip) => clip.id === id);
    const file = clip && (await this.folder.read(clip.file));
    if (!file)
      throw new Error(`${clip?.name ?? id}: the recording is no longer there; add it again`);
    return file;
  }

  async #store(clips: readonly Clip[]): Promise<readonly Clip[]> {
    this.#clips = clips;
    await this.folder.write(clipsFile, JSON.stringify(clips));
    return clips;
  }
}

const idStart = "clip-";

function idOf(number: number): string {
  return idStart + `${number}`.padStart(4, "0");
}

function numberOf(id: string): number {
  return Number(id.slice(idStart.length));
}
