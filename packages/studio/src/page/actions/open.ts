import { canResume, store } from "../store.js";
import { clipsWorker, modelWorker } from "../workers.js";
import { examine } from "./examine.js";
import { attempt } from "./notices.js";

/** Shows what was kept last time. */
export async function openStudio(): Promise<void> {
  await attempt(async () => {
    const [clips, run] = await Promise.all([clipsWorker.open(), modelWorker.open()]);
    store.clips.value = clips;
    store.run.value = run;
    if (run) {
      store.baseName.value = run.settings.base;
      store.rank.value = run.settings.rank;
      store.device.value = run.settings.device;
      // Else going on would take the suggested ones.
      if (canResume.value) store.choices.value = { batchSize: run.settings.batchSize };
    }
  });
  store.isOpen.value = true;
  await forgetSpoken();
  await attempt(async () => {
    store.base.value = await modelWorker.base(store.baseName.value);
  });
  await examine();
}

/** What was spoken on demand is shown until its tab is closed; the first tab to be opened again forgets it. */
async function forgetSpoken(): Promise<void> {
  const { locks } = navigator;
  await attempt(async () => {
    await locks.request("spoken", { ifAvailable: true }, async (isFirst) => {
      if (isFirst) await modelWorker.forgetSpoken();
    });
  });
  locks.request("spoken", { mode: "shared" }, () => new Promise(() => {}));
}

/** Lets the page open without a network from now on. */
export async function keepForOffline(): Promise<void> {
  const isKept = await registered().catch(() => false);
  store.offline.value = isKept ? "ready" : "failed";
}

async function registered(): Promise<boolean> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return false;
  const { active, waiting, installing } =
    await navigator.serviceWorker.register("service-worker.js");
  return active !== null || isInstalled(installing ?? waiting);
}

/** Whether a service worker keeps everything, once that is known: `ready` waits for ever for one that could not. */
function isInstalled(worker: ServiceWorker | null): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (worker?.state === "activated") resolve(true);
      if (!worker || worker.state === "redundant") resolve(false);
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}
