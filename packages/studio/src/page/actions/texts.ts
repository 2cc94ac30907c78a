import type { Clip } from "../../clips.js";
import { store } from "../store.js";
import { clipsWorker } from "../workers.js";
import { examineSoon } from "./examine.js";
import { attempt } from "./notices.js";

let timer: ReturnType<typeof setTimeout> | undefined;

/** Takes a clip's text as it is being written; it is kept when people pause. */
export function writeText({ id }: Clip, text: string): void {
  store.drafts.value = { ...store.drafts.value, [id]: text };
  clearTimeout(timer);
  timer = setTimeout(keepTexts, 500);
}

/** Takes a clip's text once it is written. */
export function setText(clip: Clip, text: string): void {
  writeText(clip, text.trim());
  keepTexts();
}

/** Keeps all that was written. */
export async function keepTexts(): Promise<void> {
  clearTimeout(timer);
  await attempt(async () => {
    for (const [id, draft] of Object.entries(store.drafts.value)) {
      const text = draft.trim();
      const isOther = store.clips.value.some((clip) => clip.id === id && clip.text !== text);
      if (isOther) {
        store.clips.value = await clipsWorker.change({ id, text });
        examineSoon();
      }
      // Else it was written on meanwhile, or ends in a space that a word may follow.
      if (store.drafts.value[id] === text) forget(id);
    }
  });
}

function forget(id: string): void {
  const { [id]: _, ...others } = store.drafts.value;
  store.drafts.value = others;
}
