import { newRun, type RunEvent, runAfter } from "../../run/run.js";
import { isTraining, settings, store, usableClips } from "../store.js";
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
  await attempt(() =>
    alone(async () => {
      for await (const event of train(stop.signal)) {
        if (event.type === "started") run.value = newRun(event.settings, event.clips);
        else if (run.value) run.value = runAfter(run.value, event);
      }
    }),
  );
  // Its worker ended: what was saved is there to go on from.
  if (isTraining.value)
    await attempt(async () => {
      run.value = await modelWorker.open();
    });
}

/** Two tabs would write over each other's fine-tuning. @throws Another tab fine-tunes. */
async function alone(work: () => Promise<void>): Promise<void> {
  await navigator.locks.request("fine-tuning", { ifAvailable: true }, async (lock) => {
    if (!lock)
      throw new Error("Another tab of the studio is fine-tuning; go on there, or close it first.");
    await work();
  });
}

/** Asks the browser not to clear the studio's folder when the disk gets full. */
async function keepStorage(): Promise<void> {
  await navigator.storage.persist?.().catch(() => false);
}
