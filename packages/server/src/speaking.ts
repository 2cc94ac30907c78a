import type { Audio } from "@hawksbill/audio";
import { ApiError } from "./api-error.js";
import { audioFormats } from "./audio-formats.js";
import { type BodyEnd, bodyStream } from "./body-stream.js";
import { encodeSpeech } from "./encode-speech.js";
import type { QueueState } from "./metrics.js";
import { Queue, QueueFull } from "./queue.js";
import type { SpeechOrder } from "./read-speech-order.js";
import type { RequestRecord } from "./request-record.js";
import { speechEvents } from "./speech-events.js";
import type { SpeechModel } from "./speech-model.js";

export interface SpeakingOptions {
  readonly models: readonly SpeechModel[];
  readonly concurrency: number;
  readonly maxWaiting: number;
  readonly maxBufferedBytes: number;
  readonly stallSeconds: number;
}

/** Seconds that a speech is reckoned with before one was made. */
const firstGuess = 5;

/** The speeches that are waited for, spoken and sent. */
export class Speaking {
  readonly #options: SpeakingOptions;
  readonly #queues: ReadonlyMap<SpeechModel, Queue>;
  readonly #speeches = new Set<AbortController>();
  #isStopping = false;
  #onIdle = (): void => {};
  /** What a speech takes, of the last ones more than of those before. */
  #usualSeconds = firstGuess;

  constructor(options: SpeakingOptions) {
    this.#options = options;
    this.#queues = new Map(options.models.map((model) => [model, new Queue(options)]));
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  get queues(): readonly QueueState[] {
    return [...this.#queues].map(([{ id }, { running, waiting }]) => ({
      model: id,
      running,
      waiting,
    }));
  }

  /** The answer to an order, as soon as there is sound. The record ends with it. */
  async speak(order: SpeechOrder, record: RequestRecord): Promise<Response> {
    if (this.#isStopping) throw stopping();
    const speech = new AbortController();
    const { signal } = record.request;
    const leave = (): void => speech.abort(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    this.#speeches.add(speech);
    const end = (): void => {
      signal.removeEventListener("abort", leave);
      this.#speeches.delete(speech);
      if (this.#speeches.size === 0) this.#onIdle();
    };
    try {
      if (signal.aborted) leave();
      const parts = this.#encoded(order, record, speech.signal);
      const { value: first } = await parts.next();
      if (first === undefined) throw new Error("speech: the encoder made nothing; report this");
      const body = this.#body(order, record, { first, parts, speech, end });
      record.isSending = true;
      return body;
    } catch (error) {
      end();
      if (error instanceof QueueFull) throw this.#tooBusy(order);
      throw this.#isStopping && speech.signal.aborted ? stopping() : error;
    }
  }

  /**
   * Takes no more orders, and waits for those under way.
   *
   * @param signal Aborting it ends them.
   */
  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopping = true;
    if (this.#speeches.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const endAll = (): void => {
      for (const speech of this.#speeches) speech.abort(stopping());
    };
    signal.addEventListener("abort", endAll, { once: true });
    if (signal.aborted) endAll();
    await idle;
    signal.removeEventListener("abort", endAll);
  }

  #encoded(
    order: SpeechOrder,
    record: RequestRecord,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    const { model, voice, format, speed } = order;
    const facts = {
      model: model.id,
      voice,
      format,
      characters: [...order.text].length,
      audioSeconds: 0,
    };
    record.speech = facts;
    return encodeSpeech(this.#spoken(order, record, signal), {
      format: audioFormats[format],
      speed,
      onAudio: (seconds) => {
        facts.audioSeconds += seconds;
      },
    });
  }

  /** Waits for the model and speaks; the model is the next one's when this has ended, not when all is sent. */
  async *#spoken(
    { model, ...request }: SpeechOrder,
    record: RequestRecord,
    signal: AbortSignal,
  ): AsyncGenerator<Audio, void> {
    const leave = await (this.#queues.get(model) as Queue).enter(signal);
    const waited = record.seconds;
    if (record.speech) record.speech.queueSeconds = waited;
    try {
      for await (const audio of model.speak(request, signal)) {
        signal.throwIfAborted();
        yield audio;
      }
      this.#usualSeconds += (record.seconds - waited - this.#usualSeconds) / 4;
    } finally {
      leave();
    }
  }

  #body(
    { format, streamFormat }: SpeechOrder,
    record: RequestRecord,
    {
      first,
      parts,
      speech,
      end,
    }: {
      readonly first: Uint8Array;
      readonly parts: AsyncGenerator<Uint8Array, void>;
      readonly speech: AbortController;
      readonly end: () => void;
    },
  ): Response {
    if (record.speech) record.speech.firstAudioSeconds = record.seconds;
    const isSse = streamFormat === "sse";
    const onEnd = (how: BodyEnd, error?: unknown): void => {
      end();
      const hasLeft = how === "left" || record.request.signal.aborted;
      if (how === "cut" && !hasLeft) record.error = error;
      speech.abort(error);
      record.end(how === "whole" ? "answered" : hasLeft ? "left" : "cut");
    };
    const body = bodyStream(first, parts, {
      ...this.#options,
      framing: isSse ? speechEvents(record.speech?.characters ?? 0) : { part: (bytes) => bytes },
      signal: speech.signal,
      onEnd,
    });
    return new Response(body, {
      headers: {
        "content-type": isSse ? "text/event-stream" : audioFormats[format].mimeType,
        "cache-control": "no-store",
      },
    });
  }

  #tooBusy({ model }: SpeechOrder): ApiError {
    const { running, waiting } = this.#queues.get(model) as Queue;
    const seconds = ((running + waiting) * this.#usualSeconds) / this.#options.concurrency;
    const retryAfter = Math.min(60, Math.max(1, Math.round(seconds)));
    return new ApiError(
      429,
      `${running} are being spoken and ${waiting} wait; try again in ${retryAfter} s.`,
      { code: "queue_full", headers: { "retry-after": `${retryAfter}` } },
    );
  }
}

function stopping(): ApiError {
  return new ApiError(503, "The server is stopping; try again later.", {
    code: "stopping",
    headers: { "retry-after": "10" },
  });
}
