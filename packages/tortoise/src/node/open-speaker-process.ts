import { type ChildProcess, fork } from "node:child_process";
import { type DeviceName, type DeviceOptions, DisposedError } from "@hawksbill/core";
import type { Speaker } from "../speaker.js";
import { type ConnectedSpeaker, connectSpeaker } from "../thread/connect-speaker.js";
import type { OpenSpeakerOptions } from "./open-speaker.js";
import type { SpeakerProcessInput } from "./speaker-process.js";

export interface SpeakerProcessOptions
  extends OpenSpeakerOptions,
    Pick<DeviceOptions, "threads" | "products" | "onFallback"> {
  /** As in `openDevice`; default "auto". */
  readonly device?: "auto" | DeviceName;
}

/** Beside this file, which is TypeScript when sources are run. */
const script = new URL(
  import.meta.url.endsWith(".ts") ? "./speaker-process.source.mjs" : "./speaker-process.js",
  import.meta.url,
);

/**
 * What speaks with the model in a folder, as `openSpeaker` gives it, in a process of its own: a step holds the thread that
 * it runs on, and here that is not the caller's. If that process ends, by an error, for want of memory or by force, calls
 * under way throw a `WorkerError` of @hawksbill/worker, the next call starts it anew, and this process lives on, which a
 * thread could not promise: ended within a run of ONNX Runtime, it takes all others with it.
 *
 * @throws See `openSpeaker`; and {DeviceError} The device does not work here.
 */
export async function openSpeakerProcess(
  folder: string,
  { onFallback, ...options }: SpeakerProcessOptions = {},
): Promise<Speaker> {
  let child: ChildProcess | undefined;
  let current: Promise<ConnectedSpeaker> | undefined;
  let isDisposed = false;
  async function connected(): Promise<ConnectedSpeaker> {
    if (isDisposed) throw new DisposedError("speak: this speaker was disposed of; open another");
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
    const input: SpeakerProcessInput = { folder, ...options };
    child = fork(script, [JSON.stringify(input)], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    return connectSpeaker(child, {
      advice: "ask once more: it is started anew",
      ...(onFallback ? { onFallback } : {}),
    });
  }

  const { kind, sampleRateHz } = await connected();
  return {
    kind,
    sampleRateHz,
    voice: async (voice, options) => (await connected()).voice(voice, options),
    check: async (request) => (await connected()).check(request),
    speak: async (request) => (await connected()).speak(request),
    async *stream(request) {
      yield* (await connected()).stream(request);
    },
    async dispose() {
      isDisposed = true; // A process that is started now nobody would end.
      const ending = current;
      child?.kill("SIGKILL"); // Whatever it is doing: it has nothing to save, and the system frees what it holds.
      await (await ending?.catch(() => undefined))?.ended;
    },
  };
}
