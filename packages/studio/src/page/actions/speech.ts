import type { SpeakRequest } from "../../workers/model-worker.js";
import { store, usableClips } from "../store.js";
import { clipsWorker, modelWorker } from "../workers.js";
import { attempt } from "./notices.js";
import { keepTexts } from "./texts.js";

/** Lets a model say a text. */
export async function speakText(
  wanted: Pick<SpeakRequest, "text" | "seed" | "model">,
): Promise<void> {
  const run = store.run.value;
  store.speaking.value = 0;
  await attempt(async () => {
    for await (const item of modelWorker.speak({
      ...wanted,
      base: run?.settings.base ?? store.baseName.value,
      device: store.device.value,
      clips: run?.clips ?? usableClips.value,
      name: `${Date.now()}`,
    }))
      if (typeof item === "number") store.speaking.value = item;
      else store.spoken.value = [item, ...store.spoken.value];
  });
  store.speaking.value = undefined;
}

/** Gives people the adapter as a file. */
export async function downloadAdapter(): Promise<void> {
  await attempt(async () => {
    const adapter = await modelWorker.adapter();
    if (!adapter)
      throw new Error("All weights were trained, so there is no adapter; take the model.");
    save(adapter, "adapter.safetensors");
  });
}

/** Gives people the trained model as a zip. */
export async function downloadModel(): Promise<void> {
  await attempt(async () => save(zip(await modelWorker.archive()), "model.zip"));
}

/** Gives people their clips as a dataset in a zip. */
export async function downloadVoice(): Promise<void> {
  await keepTexts();
  await attempt(async () => save(zip(await clipsWorker.archive()), "voice.zip"));
}

/** Gives people something that was spoken. */
export async function downloadSpeech(file: string, name: string): Promise<void> {
  await attempt(async () => save(await modelWorker.sound(file), name));
}

function zip(bytes: Uint8Array): Blob {
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/zip" });
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
