import type { Audio } from "@hawksbill/audio";
import type { SpeechModel, SpeechRequest } from "../src/index.js";

export interface FakeModelOptions {
  /** Between pieces of sound; default 0, which still lets others run. */
  readonly pauseMilliseconds?: number;
  /** Length of a piece of sound; default 0.1. */
  readonly pieceSeconds?: number;
  /** Instead of speaking, or between pieces. */
  readonly fail?: (request: SpeechRequest, piece: number) => void;
}

/** A model that hums a piece for each word. It watches how it is treated. */
export class FakeModel implements SpeechModel {
  readonly id = "hum";
  readonly voices = ["low", "high"];
  readonly said: string[] = [];
  running = 0;
  mostRunning = 0;
  aborted = 0;
  readonly #options: FakeModelOptions;

  constructor(options: FakeModelOptions = {}) {
    this.#options = options;
  }

  async *speak(request: SpeechRequest, signal: AbortSignal): AsyncGenerator<Audio> {
    const { pauseMilliseconds = 0, pieceSeconds = 0.1, fail } = this.#options;
    const length = pieceSeconds * sampleRateHz;
    this.said.push(request.text);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    try {
      for (const [piece] of request.text.split(" ").entries()) {
        await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
        fail?.(request, piece);
        if (signal.aborted) this.aborted++;
        signal.throwIfAborted();
        yield { samples: hum(request.voice, piece * length, length), sampleRateHz };
      }
    } finally {
      this.running--;
    }
  }
}

const sampleRateHz = 24_000;

function hum(voice: string, from: number, length: number): Float32Array {
  const pitchHz = voice === "low" ? 200 : 400;
  return Float32Array.from(
    { length },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * pitchHz * (from + i)) / sampleRateHz),
  );
}

/** A request for speech. */
export function order(body: object, init: RequestInit = {}): Request {
  return new Request("http://localhost/v1/audio/speech", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "hum", input: "one two three", voice: "low", ...body }),
    ...init,
  });
}
