import { ApiError } from "./api-error.js";
import { allowOrigin, preflight } from "./cross-origin.js";
import { Metrics } from "./metrics.js";
import { readJson } from "./read-body.js";
import { readSpeechOrder } from "./read-speech-order.js";
import { type RequestEvent, RequestRecord } from "./request-record.js";
import { Speaking } from "./speaking.js";
import { type SpeechModel, SpeechRefused } from "./speech-model.js";
import { requireToken } from "./token.js";

export interface SpeechServerOptions {
  /** At least one, no two of one id. */
  readonly models: readonly SpeechModel[];
  /** What clients have to send as their API key; default nothing. /health is open to all. */
  readonly token?: string;
  /** Speeches that a model makes at once; default 1. */
  readonly concurrency?: number;
  /** Requests that wait for a model at most; more are told to come again (429). Default 16. */
  readonly maxWaiting?: number;
  /** Of a text; default 4096, as OpenAI's. */
  readonly maxCharacters?: number;
  /** Of a request; default 65,536, or as many as `maxCharacters` may take. */
  readonly maxBodyBytes?: number;
  /** Of a response, made before the client took them; default 16 MiB. */
  readonly maxBufferedBytes?: number;
  /** After which a client that takes nothing of its response is given up; default 30. */
  readonly stallSeconds?: number;
  /** Origins of pages that may use the server from browsers, or "*"; default none. */
  readonly origins?: readonly string[];
  /** Told of each request when it is over. */
  readonly onRequest?: (event: RequestEvent) => void;
  /** A clock, in milliseconds; default `performance.now`. */
  readonly now?: () => number;
}

interface Route {
  readonly method: "GET" | "POST";
  /** Whether those without the token are answered, too. */
  readonly isOpen?: boolean;
  answer(record: RequestRecord): Response | Promise<Response>;
}

/** What a model's name follows in its address. */
const modelPath = "/v1/models/";

/** Of a character outside the Unicode's first plane, written as JSON may write it: "\\ud83d\\ude00". */
const bytesPerCharacter = 12;

/** That the body has beside its text. */
const restBytes = 4096;

/** A client left before there was an answer; only the log sees it. */
const clientLeft = 499;

/** Answers requests as OpenAI's speech API does, by web standards. Node's server for it is `serve` of ./node. */
export class SpeechServer {
  readonly #options: SpeechServerOptions;
  readonly #speaking: Speaking;
  readonly #metrics = new Metrics();
  readonly #createdSeconds = Math.floor(Date.now() / 1000);

  /** @throws {RangeError} There is no model, one has no voice, two have one id, or a limit is not above 0. */
  constructor(options: SpeechServerOptions) {
    check(options);
    const { models, concurrency = 1, maxWaiting = 16, stallSeconds = 30 } = options;
    const { maxBufferedBytes = 16 * 2 ** 20 } = options;
    this.#options = options;
    this.#speaking = new Speaking({
      models,
      concurrency,
      maxWaiting,
      stallSeconds,
      maxBufferedBytes,
    });
  }

  /** Answers a request; errors are answers in OpenAI's form. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { now = () => performance.now(), onRequest, origins } = this.#options;
    const record = new RequestRecord(request, {
      now,
      onEnd: (event) => {
        this.#metrics.count(this.#routes.has(event.path) ? event.path : "other", event);
        onRequest?.(event);
      },
    });
    const response = await this.#answer(record).catch((error) => failure(error, record));
    record.status = response.status;
    response.headers.set("x-request-id", record.id);
    allowOrigin(request, response.headers, origins);
    if (!record.isSending) record.end(response.status === clientLeft ? "left" : "answered");
    return response;
  };

  /**
   * Takes no more requests for speech, and waits for those under way; /health says so.
   *
   * @param signal Aborting it ends them, with an error.
   */
  close(signal: AbortSignal): Promise<void> {
    return this.#speaking.stop(signal);
  }

  async #answer(record: RequestRecord): Promise<Response> {
    const { request, path } = record;
    const route = this.#routes.get(path.startsWith(modelPath) ? modelPath : path);
    if (route === undefined)
      throw new ApiError(404, `There is nothing at ${path.slice(0, 100)}.`, { code: "not_found" });
    const methods = route.method === "GET" ? ["GET", "HEAD"] : [route.method];
    if (request.method === "OPTIONS" && (this.#options.origins?.length ?? 0) > 0)
      return preflight(request, methods.join(", "));
    if (!methods.includes(request.method))
      throw new ApiError(405, `${path} takes ${methods.join(" and ")}.`, {
        code: "method_not_allowed",
        headers: { allow: methods.join(", ") },
      });
    if (!route.isOpen) await requireToken(request, this.#options.token);
    return route.answer(record);
  }

  readonly #routes: ReadonlyMap<string, Route> = new Map<string, Route>([
    ["/v1/audio/speech", { method: "POST", answer: (record) => this.#speak(record) }],
    ["/v1/audio/voices", { method: "GET", answer: () => this.#voices() }],
    ["/v1/models", { method: "GET", answer: () => this.#models() }],
    [modelPath, { method: "GET", answer: ({ path }) => this.#model(path) }],
    ["/health", { method: "GET", isOpen: true, answer: () => this.#health(503) }],
    ["/health/live", { method: "GET", isOpen: true, answer: () => this.#health(200) }],
    ["/metrics", { method: "GET", answer: () => this.#measured() }],
  ]);

  async #speak(record: RequestRecord): Promise<Response> {
    const { models, maxCharacters = 4096 } = this.#options;
    const { maxBodyBytes = Math.max(65_536, restBytes + bytesPerCharacter * maxCharacters) } =
      this.#options;
    const body = await readJson(record.request, maxBodyBytes);
    return this.#speaking.speak(readSpeechOrder(body, { models, maxCharacters }), record);
  }

  #voices(): Response {
    const voices = this.#options.models.flatMap(({ id, voices }) =>
      voices.map((name) => ({ id: name, name, model: id })),
    );
    return Response.json({ voices });
  }

  #models(): Response {
    const data = this.#options.models.map((model) => this.#described(model));
    return Response.json({ object: "list", data });
  }

  #model(path: string): Response {
    const name = path.slice(modelPath.length);
    const model = this.#options.models.find(({ id }) =>
      [id, encodeURIComponent(id)].includes(name),
    );
    if (model) return Response.json(this.#described(model));
    throw new ApiError(404, "There is no such model; GET /v1/models lists them.", {
      param: "model",
      code: "model_not_found",
    });
  }

  #described({ id }: SpeechModel): object {
    return { id, object: "model", created: this.#createdSeconds, owned_by: "hawksbill" };
  }

  /** @param stoppingStatus What to answer with while the server stops. */
  #health(stoppingStatus: number): Response {
    const { isStopping, queues } = this.#speaking;
    return Response.json(
      { status: isStopping ? "stopping" : "ready", queues },
      { status: isStopping ? stoppingStatus : 200 },
    );
  }

  #measured(): Response {
    return new Response(this.#metrics.text(this.#speaking.queues), {
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    });
  }
}

/** The answer to what went wrong. What only the server can mend stays in the record. */
function failure(error: unknown, record: RequestRecord): Response {
  if (record.request.signal.aborted) return new Response(null, { status: clientLeft });
  if (error instanceof ApiError) return error.toResponse();
  if (error instanceof SpeechRefused)
    return new ApiError(400, error.message, { code: "invalid_value" }).toResponse();
  record.error = error;
  return new ApiError(
    500,
    `The server failed at this; its log tells more of request ${record.id}.`,
  ).toResponse();
}

function check({ models, token, ...limits }: SpeechServerOptions): void {
  const refuse = (problem: string): never => {
    throw new RangeError(`SpeechServer: ${problem}`);
  };
  if (models.length === 0) refuse("there is no model; give one or more");
  const ids = models.map(({ id }) => id);
  if (new Set(ids).size < ids.length)
    refuse(`two models have the same id, of ${ids.join(", ")}; give each its own`);
  for (const { id, voices } of models)
    if (voices.length === 0) refuse(`the model ${id} has no voice; give it one or more`);
  if (token === "") refuse("the token is empty; give one with characters, or none");
  const { maxWaiting, ...above } = limits;
  for (const [name, value] of Object.entries(above))
    if (typeof value === "number" && !(value > 0)) refuse(`${name} is ${value}; give more than 0`);
  if (maxWaiting !== undefined && !(maxWaiting >= 0))
    refuse(`maxWaiting is ${maxWaiting}; give 0 or more`);
}
