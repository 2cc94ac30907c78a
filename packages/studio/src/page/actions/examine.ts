import { callback } from "../remote.js";
import { store } from "../store.js";
import { clipsWorker, modelWorker } from "../workers.js";
import { attempt } from "./notices.js";

/** Looks at all clips, and then at what settings suit them. */
export async function examine(): Promise<void> {
  const onProgress = callback((share: number) => {
    if (store.examining.value !== undefined) store.examining.value = share;
  });
  await attempt(async () => {
    store.examining.value ??= 0;
    store.examined.value = await clipsWorker.examine(store.baseName.value, onProgress);
    store.examining.value = undefined;
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
  const facts = { clips: usable, longestSeconds, longestText };
  store.suggestions.value = await modelWorker.suggest(
    store.baseName.value,
    store.rank.value,
    facts,
  );
}
