import { newRun, type RunEvent, runAfter } from "../../run/run.js";
import { settings, store, usableClips } from "../store.js";
import { modelWorker } from "../workers.js";
import { attempt } from "./notices.js";

let stop = new AbortController();

/** Fine-tunes with the settings shown. */
export async function startTraining(): Promise<void> {
  const chosen = settings.value;
  if (!chosen) return;
  await keepStorage();
  await follow((signal) =>
    modelWorker.train({ settings: chosen, clips: usableClips.value }, { signal }),
  );
}

/** Goes on where the last fine-tuning stopped. */
export async function resumeTraining(): Promise<void> {
  await follow((signal) => modelWorker.resume(undefined, { signal }));
}

/** Ends the fine-tuning after the step that is being made. */
export function stopTraining(): void {
  stop.abort();
}

async function follow(train: (signal: AbortSignal) => AsyncIterable<RunEvent>): Promise<void> {
  stop = new AbortController();
  const { run } = store;
  await attempt(async () => {
    for await (const event of train(stop.signal)) {
      if (event.type === "started") run.value = newRun(event.settings, event.clips);
      else if (run.value) run.value = runAfter(run.value, event);
    }
  });
}

/** Asks the browser not to clear the studio's folder when the disk gets full. */
async function keepStorage(): Promise<void> {
  await navigator.storage.persist?.().catch(() => false);
}
