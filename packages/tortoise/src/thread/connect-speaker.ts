import { type Audio, AudioError } from "@hawksbill/audio";
import { CheckpointError } from "@hawksbill/checkpoint";
import type { Fallback } from "@hawksbill/core";
import { TextError } from "@hawksbill/text";
import { UnifiedVoiceError } from "@hawksbill/unified-voice";
import { VocoderError } from "@hawksbill/vocoder";
import { connect, type WorkerError, type WorkerPort } from "@hawksbill/worker";
import type { SpeakProgress } from "../pipeline/job.js";
import type { SpeechRequest } from "../pipeline/speak-options.js";
import type { VoiceOptions } from "../pipeline/voice.js";
import type { Speaker, SpeakerVoice, Speech, StreamedSpeech } from "../speaker.js";
import { TortoiseError } from "../tortoise-error.js";
import type { SpeakerHandlers } from "./serve-speaker.js";
import type { Told } from "./with-told.js";

/** A speaker on another thread or in another process. */
export interface ConnectedSpeaker extends Speaker {
  /** Settles when the thread ends, with the reason. */
  readonly ended: Promise<WorkerError>;
}

export interface ConnectSpeakerOptions {
  /** As in `openDevice`, of the device over there. */
  readonly onFallback?: (fallback: Fallback) => void;
  /** What to do when the thread has ended, as its `WorkerError` says. */
  readonly advice?: string;
}

/** Errors that a speaker throws, to be told apart with `instanceof` here, too. */
const errors = [
  AudioError,
  CheckpointError,
  RangeError,
  TextError,
  TortoiseError,
  UnifiedVoiceError,
  VocoderError,
];

/**
 * The speaker of another thread, which called `serveSpeaker`, as if it were here: this thread stays free while it
 * speaks. An abort ends the work there at its next step. A request takes no clock (`now`): functions do not cross.
 *
 * @param port As in `connect` of @hawksbill/worker; `dispose` ends it.
 * @throws What opening the speaker threw there.
 */
export async function connectSpeaker(
  port: WorkerPort,
  { onFallback, ...options }: ConnectSpeakerOptions = {},
): Promise<ConnectedSpeaker> {
  const { remote, close, ended } = connect<SpeakerHandlers>(port, { errors, ...options });

  async function tellFallbacks(): Promise<void> {
    for await (const news of remote.fallbacks()) if ("told" in news) onFallback?.(news.told);
  }
  void tellFallbacks().catch(() => undefined); // It ends with the thread.

  async function* told<T>(
    call: "speak" | "stream",
    { signal, onProgress, ...request }: SpeechRequest,
  ): AsyncGenerator<T> {
    const answers = remote[call](request, signal ? { signal } : {});
    for await (const answer of answers as AsyncIterable<Told<T, SpeakProgress>>)
      if ("told" in answer) onProgress?.(answer.told);
      else yield answer.item;
  }

  const about = await remote.about().catch((error: unknown) => {
    close();
    throw error;
  });
  return {
    ...about,
    ended,
    voice(voice: SpeakerVoice, { random, signal, ...options }: VoiceOptions = {}) {
      const sent = { ...options, ...(random ? { random: random.state } : {}) };
      return remote.voice({ voice, options: sent }, signal ? { signal } : {});
    },
    check: ({ text, unknown }) => remote.check({ text, ...(unknown ? { unknown } : {}) }),
    async speak(request) {
      for await (const speech of told<Speech>("speak", request)) return speech;
      throw new TortoiseError("speak: the thread gave no speech");
    },
    stream: (request) => told<Audio | StreamedSpeech>("stream", request),
    async dispose() {
      await remote.dispose().finally(close);
    },
  };
}
