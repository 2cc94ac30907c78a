import { newRun, type RunEvent, runAfter } from "../../run/run.js";
import { callback } from "../remote.js";
import { settings, store, usableClips } from "../store.js";
import { modelWorker } from "../workers.js";
import { attempt } from "./notices.js";

/** Fine-tunes with the settings shown. */
export async function startTraining(): Promise<void> {
  const chosen = settings.value;
  if (!chosen) return;
  await keepStorage();
  await attempt(() => modelWorker.start(chosen, usableClips.value, listener()));
}

/** Goes on where the last fine-tuning stopped. */
export async function resumeTraining(): Promise<void> {
  await attempt(() => modelWorker.resume(listener()));
}

export async function stopTraining(): Promise<void> {
  await attempt(() => modelWorker.stop());
}

function listener(): (event: RunEvent) => void {
  return callback((event: RunEvent) => {
    const { run } = store;
    if (event.type === "started") run.value = newRun(event.settings, event.clips);
    else if (run.value) run.value = runAfter(run.value, event);
  });
}

/** Asks the browser not to clear the studio's folder when the disk gets full. */
async function keepStorage(): Promise<void> {
  await navigator.storage.persist?.().catch(() => false);
}
