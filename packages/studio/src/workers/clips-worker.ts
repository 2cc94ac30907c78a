import { AR_MEL, decodeMono } from "@hawksbill/audio";
import { disposeModel } from "@hawksbill/tortoise";
import type { Clip, ClipPicture, Examined, GivenFile } from "../clips.js";
import type { BaseName } from "../settings.js";
import { clipLimits, openBase } from "./bases.js";
import { embeddedVoice } from "./embedded-voice.js";
import { examineClips } from "./examine-clips.js";
import { type FoundClip, findClips } from "./find-clips.js";
import { bytesOf, type Folder, openFolder, readJson } from "./folder.js";
import { givenFiles } from "./given-files.js";
import { clipPicture } from "./pictures.js";
import { expose } from "./remote.js";
import { voiceArchive } from "./voice-archive.js";

const clipsFile = "clips.json";

/** Keeps the clips, and says what they are like. */
export class ClipsWorker {
  readonly #folder: Promise<Folder> = openFolder();
  #clips: readonly Clip[] = [];
  #examination = new AbortController();

  /** The clips of last time. */
  async open(): Promise<readonly Clip[]> {
    this.#clips = (await readJson<readonly Clip[]>(await this.#folder, clipsFile)) ?? [];
    return this.#clips;
  }

  /** Adds what can be heard among files. */
  async add(given: readonly GivenFile[]): Promise<readonly Clip[]> {
    return this.#keep(await findClips(givenFiles(given)));
  }

  async addRecording(wav: Blob, name: string, text: string): Promise<readonly Clip[]> {
    return this.#keep([{ name, text, extension: "wav", bytes: () => bytesOf(wav) }]);
  }

  async addEmbeddedVoice(): Promise<readonly Clip[]> {
    return this.add(await embeddedVoice());
  }

  change(id: string, change: Partial<Pick<Clip, "text" | "isUsed">>): Promise<readonly Clip[]> {
    return this.#store(this.#clips.map((clip) => (clip.id === id ? { ...clip, ...change } : clip)));
  }

  async remove(ids: readonly string[]): Promise<readonly Clip[]> {
    const gone = this.#clips.filter(({ id }) => ids.includes(id));
    const left = await this.#store(this.#clips.filter((clip) => !gone.includes(clip)));
    const folder = await this.#folder;
    for (const { file } of gone) await folder.remove(file);
    return left;
  }

  /** Looks for all that can be wrong with the clips. A new call ends the one before with an `AbortError`. */
  async examine(base: BaseName, onProgress: (share: number) => void): Promise<Examined> {
    this.#examination.abort();
    this.#examination = new AbortController();
    const { signal } = this.#examination;
    const folder = await this.#folder;
    const model = await openBase(base, folder);
    disposeModel(model); // Its vocabulary and sizes are enough.
    return examineClips(this.#clips, folder, {
      tokenizer: model.tokenizer,
      ...clipLimits(model),
      signal,
      onProgress: ({ done, total }) => onProgress(total === 0 ? 1 : done / total),
    });
  }

  async picture(id: string): Promise<ClipPicture> {
    const { samples } = await decodeMono(await bytesOf(await this.sound(id)), AR_MEL);
    return clipPicture(samples);
  }

  async sound(id: string): Promise<Blob> {
    const clip = this.#clips.find((clip) => clip.id === id);
    const file = clip && (await (await this.#folder).read(clip.file));
    if (!file)
      throw new Error(`${clip?.name ?? id}: the recording is no longer there; add it again`);
    return file;
  }

  async archive(): Promise<Uint8Array> {
    return voiceArchive(this.#clips, await this.#folder);
  }

  async #keep(found: readonly FoundClip[]): Promise<readonly Clip[]> {
    const folder = await this.#folder;
    const added: Clip[] = [];
    let number = this.#clips.reduce((most, { id }) => Math.max(most, Number(id.slice(5))), 0);
    for (const { name, text, extension, bytes } of found) {
      const id = `clip-${`${++number}`.padStart(4, "0")}`;
      const file = `clips/${id}.${extension}`;
      await folder.write(file, await bytes());
      added.push({ id, name, file, text, isUsed: true });
    }
    return this.#store([...this.#clips, ...added]);
  }

  async #store(clips: readonly Clip[]): Promise<readonly Clip[]> {
    this.#clips = clips;
    await (await this.#folder).write(clipsFile, JSON.stringify(clips));
    return clips;
  }
}

expose(new ClipsWorker());
