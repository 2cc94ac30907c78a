import { store } from "../store.js";
import { clipsWorker, modelWorker } from "../workers.js";
import { attempt } from "./notices.js";

let examination = new AbortController();

/** Looks at all clips, and then at what settings suit them; one that is under way ends. */
export async function examine(): Promise<void> {
  examination.abort();
  examination = new AbortController();
  const { signal } = examination;
  await attempt(async () => {
    store.examining.value ??= 0;
    try {
      for await (const item of clipsWorker.examine(store.baseName.value, { signal })) {
        if (signal.aborted) return;
        if (typeof item === "number") store.examining.value = item;
        else store.examined.value = item;
      }
    } finally {
      if (!signal.aborted) store.examining.value = undefined; // Else it is the next one's.
    }
    await suggest();
  });
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Not while people go on typing. */
export function examineSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(examine, 400);
}

/** Asks what settings suit the clips. */
export async function suggest(): Promise<void> {
  const { usable = 0, longestSeconds = 0, longestText = 0 } = store.examined.value ?? {};
  store.suggestions.value = await modelWorker.suggest({
    base: store.baseName.value,
    rank: store.rank.value,
    clips: { clips: usable, longestSeconds, longestText },
  });
}
