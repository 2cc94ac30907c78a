/** The thread of `openSpeakerThread`. */
import { parentPort, workerData } from "node:worker_threads";
import { openDevice } from "@hawksbill/core";
import { serveSpeaker } from "../thread/serve-speaker.js";
import { openSpeaker } from "./open-speaker.js";
import type { SpeakerThreadOptions } from "./open-speaker-thread.js";

/** What the thread is started with. */
export interface SpeakerWorkerData extends Omit<SpeakerThreadOptions, "onFallback"> {
  readonly folder: string;
}

const { folder, device: name, threads, ...options } = workerData as SpeakerWorkerData;
serveSpeaker(async (onFallback) => {
  const device = await openDevice(name, {
    ...(threads === undefined ? {} : { threads }),
    onFallback,
  });
  return openSpeaker(folder, device, options);
}, parentPort);
