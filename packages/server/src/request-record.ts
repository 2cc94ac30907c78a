/** How a request ended. */
export type Outcome =
  /** It was answered, with whatever status. */
  | "answered"
  /** The client left before the end. */
  | "left"
  /** What was being sent was cut off by an error. */
  | "cut";

/** What is told of each request when it is over. */
export interface RequestEvent {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** That of the answer, or 499 where the client left before there was one. */
  readonly status: number;
  readonly outcome: Outcome;
  /** From the request's headers to the end of the answer. */
  readonly seconds: number;
  readonly speech?: SpeechFacts;
  /** What went wrong in the server; what clients did wrong is in the answer. */
  readonly error?: unknown;
}

/** What was spoken for a request. */
export interface SpeechFacts {
  readonly model: string;
  readonly voice: string;
  readonly format: string;
  readonly characters: number;
  /** Until it had the model for itself. */
  readonly queueSeconds?: number;
  /** Until there was something to send. */
  readonly firstAudioSeconds?: number;
  /** Sound that was made. */
  readonly audioSeconds: number;
}

/** Gathers what there is to tell of a request. */
export class RequestRecord {
  readonly id: string;
  readonly request: Request;
  readonly path: string;
  status = 0;
  speech: { -readonly [Key in keyof SpeechFacts]: SpeechFacts[Key] } | undefined;
  error: unknown;
  /** Whether it ends with its response's body rather than with its headers. */
  isSending = false;
  readonly #now: () => number;
  readonly #began: number;
  readonly #onEnd: (event: RequestEvent) => void;
  #hasEnded = false;

  constructor(
    request: Request,
    options: { readonly now: () => number; readonly onEnd: (event: RequestEvent) => void },
  ) {
    this.id = crypto.randomUUID();
    this.request = request;
    this.path = pathOf(request);
    this.#now = options.now;
    this.#onEnd = options.onEnd;
    this.#began = this.#now();
  }

  get seconds(): number {
    return (this.#now() - this.#began) / 1000;
  }

  /** Tells of it, once. */
  end(outcome: Outcome): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { id, path, status, seconds, speech, error } = this;
    this.#onEnd({
      id,
      method: this.request.method,
      path,
      status,
      outcome,
      seconds,
      ...(speech ? { speech } : {}),
      ...(error === undefined ? {} : { error }),
    });
  }
}

/** The path of its address, "" where that makes no sense. */
function pathOf({ url }: Request): string {
  return URL.canParse(url) ? new URL(url).pathname : "";
}
