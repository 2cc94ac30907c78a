import type { Audio } from "@hawksbill/audio";
import { type Fallback, Random, type RandomState } from "@hawksbill/core";
import { type CallContext, serve, type WorkerPort } from "@hawksbill/worker";
import type { SpeakProgress } from "../pipeline/job.js";
import type { SpeechRequest } from "../pipeline/speak-options.js";
import type { VoiceOptions } from "../pipeline/voice.js";
import type { Speaker, SpeakerVoice, Speech, StreamedSpeech } from "../speaker.js";
import { type Told, withTold } from "./with-told.js";

/** What crosses of a request. */
export type SentRequest = Omit<SpeechRequest, "signal" | "onProgress">;

/** What crosses of `VoiceOptions`. */
export interface SentVoiceOptions extends Omit<VoiceOptions, "random" | "signal"> {
  readonly random?: RandomState;
}

/** What a thread with a speaker answers. */
export type SpeakerHandlers = ReturnType<typeof speakerHandlers>;

/** Gets a speaker ready, with a device on this thread. */
export type OpenSpeaker = (onFallback: (fallback: Fallback) => void) => Promise<Speaker>;

/**
 * Lets other threads speak with this one's speaker, through `connectSpeaker`.
 *
 * @param open Called at once; what it throws is thrown there.
 * @param port As in `serve` of @hawksbill/worker.
 */
export function serveSpeaker(open: OpenSpeaker, port?: WorkerPort | null): void {
  serve(speakerHandlers(open), port);
}

function speakerHandlers(open: OpenSpeaker) {
  const fallbacks: Fallback[] = [];
  let onFallback = (fallback: Fallback): void => void fallbacks.push(fallback);
  const opened = open((fallback) => onFallback(fallback));
  opened.catch(() => undefined); // Thrown by each call.
  return {
    async about() {
      const { kind, sampleRateHz } = await opened;
      return { kind, sampleRateHz };
    },

    /** Never ends. */
    fallbacks(): AsyncGenerator<Told<never, Fallback>> {
      return withTold(async function* (tell) {
        for (const fallback of fallbacks.splice(0)) tell(fallback);
        onFallback = tell;
        await new Promise(() => undefined);
      });
    },

    async voice(
      { voice, options }: { voice: SpeakerVoice; options: SentVoiceOptions },
      { signal }: CallContext,
    ) {
      const { random, ...others } = options;
      return (await opened).voice(voice, {
        ...{ ...others, signal },
        ...(random ? { random: Random.from(random) } : {}),
      });
    },

    async check(request: Pick<SpeechRequest, "text" | "unknown">) {
      await (await opened).check(request);
    },

    speak(
      request: SentRequest,
      { signal }: CallContext,
    ): AsyncGenerator<Told<Speech, SpeakProgress>> {
      return withTold(async function* (onProgress) {
        yield await (await opened).speak({ ...request, signal, onProgress });
      });
    },

    stream(
      request: SentRequest,
      { signal }: CallContext,
    ): AsyncGenerator<Told<Audio | StreamedSpeech, SpeakProgress>> {
      return withTold(async function* (onProgress) {
        yield* (await opened).stream({ ...request, signal, onProgress });
      });
    },

    async dispose() {
      await (await opened).dispose();
    },
  };
}
