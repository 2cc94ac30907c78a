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
const firstGuess = 2;

/** The speeches that are waited for, spoken and sent. */
export class Speaking {
  readonly #options: SpeakingOptions;
  readonly #queues: ReadonlyMap<SpeechModel, Queue>;
  readonly #speeches = new Set<AbortController>();
  #isStopping = false;
  /** Answers that are not sent, and speeches that models have not ended. */
  #underWay = 0;
  readonly #whenIdle: (() => void)[] = [];
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

  /** The answer to an order, as soon as there is sound. The record ends when all is sent. */
  async speak(order: SpeechOrder, record: RequestRecord): Promise<Response> {
    if (this.#isStopping) throw stopping();
    const { request, format } = order;
    const characters = [...request.text].length;
    const facts = { model: order.model.id, voice: request.voice, format, characters };
    record.speech = { ...facts, audioSeconds: 0 };
    const speech = this.#begin(record.request.signal);
    try {
      const { signal } = speech;
      const parts = this.#encoded(order, record, signal);
      const { value: first } = await parts.next();
      if (first === undefined) throw new Error("speech: the encoder made nothing; report this");
      record.speech.firstAudioSeconds = record.seconds;
      record.isSending = true;
      const isSse = order.streamFormat === "sse";
      const framing = isSse ? speechEvents(characters) : { part: (bytes: Uint8Array) => bytes };
      const onEnd = (how: BodyEnd, error?: unknown): void => {
        const hasLeft = how === "left" || record.request.signal.aborted;
        if (how === "cut" && !hasLeft) record.error = error;
        speech.end(error);
        record.end(how === "whole" ? "answered" : hasLeft ? "left" : "cut");
      };
      const body = bodyStream(first, parts, { ...this.#options, framing, signal, onEnd });
      const type = isSse ? "text/event-stream" : audioFormats[format].mimeType;
      return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
    } catch (error) {
      const isCutOff = this.#isStopping && speech.signal.aborted;
      speech.end(error);
      if (error instanceof QueueFull) throw this.#tooBusy(order.model);
      throw isCutOff ? stopping() : error;
    }
  }

  /**
   * Takes no more orders, and waits for those under way.
   *
   * @param signal Aborting it ends them.
   */
  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopping = true;
    const endAll = (): void => {
      for (const speech of this.#speeches) speech.abort(stopping());
    };
    signal.addEventListener("abort", endAll, { once: true });
    if (signal.aborted) endAll();
    if (this.#underWay > 0) await new Promise<void>((resolve) => void this.#whenIdle.push(resolve));
    signal.removeEventListener("abort", endAll);
  }

  /** Something is under way until the function that this gives is called. */
  #occupy(): () => void {
    this.#underWay++;
    return () => {
      this.#underWay--;
      if (this.#underWay === 0) for (const tell of this.#whenIdle.splice(0)) tell();
    };
  }

  /** A speech that ends early where its client leaves or the server stops. */
  #begin(clientSignal: AbortSignal): {
    readonly signal: AbortSignal;
    end(reason: unknown): void;
  } {
    const speech = new AbortController();
    const leave = (): void => speech.abort(clientSignal.reason);
    clientSignal.addEventListener("abort", leave, { once: true });
    if (clientSignal.aborted) leave();
    this.#speeches.add(speech);
    const done = this.#occupy();
    return {
      signal: speech.signal,
      end: (reason) => {
        clientSignal.removeEventListener("abort", leave);
        this.#speeches.delete(speech);
        speech.abort(reason);
        done();
      },
    };
  }

  #encoded(
    order: SpeechOrder,
    record: RequestRecord,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    return encodeSpeech(this.#spoken(order, record, signal), {
      format: audioFormats[order.format],
      speed: order.speed,
      onAudio: (seconds) => {
        if (record.speech) record.speech.audioSeconds += seconds;
      },
    });
  }

  /** Waits for the model and speaks; the model is the next one's when this has ended, not when all is sent. */
  async *#spoken(
    { model, request }: SpeechOrder,
    record: RequestRecord,
    signal: AbortSignal,
  ): AsyncGenerator<Audio, void> {
    const leave = await (this.#queues.get(model) as Queue).enter(signal);
    const done = this.#occupy();
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
      done();
    }
  }

  #tooBusy(model: SpeechModel): ApiError {
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
