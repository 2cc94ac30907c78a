import type { Clip, GivenFile } from "../../clips.js";
import { readableFiles } from "../readable-files.js";
import { store } from "../store.js";
import { clipsWorker } from "../workers.js";
import { examineSoon } from "./examine.js";
import { attempt, tell } from "./notices.js";
import { keepStorage } from "./storage.js";

/** Adds recordings, with their texts where there are any. */
export function addFiles(given: readonly GivenFile[]): Promise<void> {
  return add(async () => clipsWorker.add(await readableFiles(given)));
}

/** Adds the voice that ships with the studio. */
export function addEmbeddedVoice(): Promise<void> {
  return add(() => clipsWorker.addEmbeddedVoice());
}

export function addRecording(wav: Blob, text: string): Promise<void> {
  const name = `Recording ${store.clips.value.length + 1}`;
  return add(() => clipsWorker.addRecording({ wav, name, text }));
}

export function setUsed({ id }: Clip, isUsed: boolean): void {
  change(() => clipsWorker.change({ id, isUsed }));
}

export function removeClips(clips: readonly Clip[]): void {
  change(() => clipsWorker.remove(clips.map(({ id }) => id)));
}

async function add(work: () => Promise<readonly Clip[]>): Promise<void> {
  const before = store.clips.value.length;
  store.isAdding.value = true;
  keepStorage(); // Some browsers ask people; the clips need not wait for their answer.
  await attempt(async () => {
    store.clips.value = await work();
    const added = store.clips.value.length - before;
    if (added === 0)
      tell("error", "No recordings are among these files: WAV, FLAC, MP3, Ogg or M4A are read.");
    examineSoon();
  });
  store.isAdding.value = false;
}

function change(work: () => Promise<readonly Clip[]>): void {
  attempt(async () => {
    store.clips.value = await work();
    examineSoon();
  });
}
