import { newRun, type ResumeSettings, type RunEvent, runAfter } from "../../run/run.js";
import { settings, store, usableClips } from "../store.js";
import { modelWorker } from "../workers.js";
import { attempt } from "./notices.js";
import { keepStorage } from "./storage.js";

let stop = new AbortController();

/** Fine-tunes with the settings shown. */
export async function startTraining(): Promise<void> {
  const chosen = settings.value;
  if (!chosen) return;
  const request = { id: crypto.randomUUID(), settings: chosen, clips: usableClips.value };
  await alone(async (signal) => {
    await keepStorage();
    const last = await modelWorker.open();
    if (last?.id !== store.run.value?.id) {
      store.run.value = last;
      throw new Error(
        "Another tab of the studio has fine-tuned meanwhile, as is shown here now; start over if it can be forgotten.",
      );
    }
    signal.throwIfAborted(); // Nothing is forgotten yet.
    await follow(modelWorker.train(request, { signal }));
  });
}

/** Goes on where the last fine-tuning stopped. */
export async function resumeTraining(): Promise<void> {
  await alone(async (signal) => {
    store.run.value = await modelWorker.open(); // Another tab may have gone on with it.
    const shown = settings.value;
    const isOfBase = shown !== undefined && shown.base === store.run.value?.settings.base;
    const changes: ResumeSettings = {
      device: store.device.value,
      ...(isOfBase ? { batchSize: shown.batchSize } : {}),
    };
    await follow(modelWorker.resume(changes, { signal }));
  });
}

/** Ends the fine-tuning after the step that is being made. */
export function stopTraining(): void {
  stop.abort();
}

async function follow(events: AsyncIterable<RunEvent>): Promise<void> {
  const { run } = store;
  for await (const event of events) {
    if (event.type === "started") run.value = newRun(event);
    else if (run.value) run.value = runAfter(run.value, event);
  }
}

/** Fine-tunes in one tab at a time, and once: two would write over each other's fine-tuning. */
async function alone(train: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { isTraining, run } = store;
  if (isTraining.value) return;
  isTraining.value = true;
  stop = new AbortController();
  const { signal } = stop;
  await attempt(async () => {
    await navigator.locks.request("fine-tuning", { ifAvailable: true }, async (lock) => {
      if (lock) return train(signal);
      throw new Error("Another tab of the studio is fine-tuning; go on there, or close it first.");
    });
  });
  // Its worker ended: what was saved is there to go on from.
  if (run.value?.state === "running")
    await attempt(async () => {
      run.value = await modelWorker.open();
    });
  isTraining.value = false;
}
