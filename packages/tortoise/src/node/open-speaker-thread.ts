import { Worker } from "node:worker_threads";
import type { DeviceName, DeviceOptions } from "@hawksbill/core";
import type { Speaker } from "../speaker.js";
import { type ConnectedSpeaker, connectSpeaker } from "../thread/connect-speaker.js";
import type { OpenSpeakerOptions } from "./open-speaker.js";
import type { SpeakerWorkerData } from "./speaker-worker.js";

export interface SpeakerThreadOptions
  extends OpenSpeakerOptions,
    Pick<DeviceOptions, "threads" | "onFallback"> {
  /** As in `openDevice`; default "auto". */
  readonly device?: "auto" | DeviceName;
}

/** Beside this file, which is TypeScript when sources are run. */
const script = new URL(
  import.meta.url.endsWith(".ts") ? "./speaker-worker.source.mjs" : "./speaker-worker.js",
  import.meta.url,
);

/**
 * What speaks with the model in a folder, as `openSpeaker` gives it, on a thread of its own: a step holds the thread that
 * it runs on, and here that is not the caller's. If that thread ends by an error, calls under way throw a `WorkerError` of
 * @hawksbill/worker, and the next call starts it anew. Whoever ends it by force within a step ends the process: ONNX
 * Runtime does not survive that.
 *
 * @throws See `openSpeaker`; and {DeviceError} The device does not work here.
 */
export async function openSpeakerThread(
  folder: string,
  { onFallback, ...options }: SpeakerThreadOptions = {},
): Promise<Speaker> {
  let current: Promise<ConnectedSpeaker> | undefined;
  function connected(): Promise<ConnectedSpeaker> {
    if (!current) {
      current = start();
      current.then(({ ended }) => ended).then(forget, forget);
    }
    return current;
  }
  function forget(): void {
    current = undefined;
  }
  function start(): Promise<ConnectedSpeaker> {
    const workerData: SpeakerWorkerData = { folder, ...options };
    return connectSpeaker(new Worker(script, { workerData }), {
      advice: "ask once more: it is started anew",
      ...(onFallback ? { onFallback } : {}),
    });
  }

  const { kind, sampleRateHz } = await connected();
  return {
    kind,
    sampleRateHz,
    voice: async (voice, options) => (await connected()).voice(voice, options),
    speak: async (request) => (await connected()).speak(request),
    async *stream(request) {
      yield* (await connected()).stream(request);
    },
    dispose: async () => (await current)?.dispose(),
  };
}
