import { PlaceError } from "./download-error.js";
import type { Network } from "./options.js";

/** A server's answer, watched: it fails when nothing comes for a while. */
export interface Answer {
  readonly response: Response;
  /** The body as it comes. @throws {PlaceError} The connection broke or stood still. */
  body(): AsyncGenerator<Uint8Array>;
  /** Lets go of the connection. */
  close(): void;
}

/** The Hub redirects once or twice; more is a mistake or a trap. */
const mostRedirects = 5;

/**
 * Sends a request and follows redirects, with a limit, never from https to http, and with the token
 * kept to the first server.
 *
 * @param isEnough Tells of a redirect that says all that is to be known; it is not followed.
 * @throws {PlaceError} No connection, no answer, no end of redirects, or a status that is a failure.
 */
export async function request(
  method: "GET" | "HEAD",
  url: string,
  network: Network,
  options: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly isEnough?: (response: Response) => boolean;
  } = {},
): Promise<Answer> {
  const { headers = {}, isEnough = () => false } = options;
  let address = new URL(url);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const isFirstServer = address.origin === new URL(url).origin;
    const answer = await send(method, address, url, network, {
      // A compressed answer has another length, and cannot be resumed.
      "Accept-Encoding": "identity",
      ...(network.token && isFirstServer ? { Authorization: `Bearer ${network.token}` } : {}),
      ...headers,
    });
    const { response } = answer;
    if (response.ok || isEnough(response)) return answer;
    const location = response.headers.get("Location");
    answer.close();
    if (response.status < 300 || response.status >= 400 || location === null)
      throw refusal(response, url);
    address = nextAddress(location, address, url);
  }
  throw new PlaceError("redirects", url, `it redirects more than ${mostRedirects} times`);
}

function nextAddress(location: string, from: URL, url: string): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const isSafe = next?.protocol === "https:" || next?.protocol === from.protocol;
  if (next !== undefined && isSafe && /^https?:$/.test(next.protocol)) return next;
  throw new PlaceError("redirects", url, "it redirects to an address that is not safe");
}

/** @param url What the caller asked for; the address may be one of a redirect, with secrets in it. */
async function send(
  method: string,
  address: URL,
  url: string,
  network: Network,
  headers: Record<string, string>,
): Promise<Answer> {
  const { signal, stallSeconds } = network;
  const stalled = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), 1000 * stallSeconds);
  };
  const failure = (cause: unknown): unknown => {
    clearTimeout(timer);
    if (signal?.aborted) return signal.reason;
    if (stalled.signal.aborted)
      return new PlaceError("stalled", url, `nothing came for ${stallSeconds} s`);
    return new PlaceError("network", url, networkReason(cause), { cause });
  };
  const signals = signal ? [signal, stalled.signal] : [stalled.signal];
  watch();
  try {
    const response = await network.fetch(address.href, {
      method,
      headers,
      redirect: "manual",
      signal: AbortSignal.any(signals),
    });
    return {
      response,
      async *body() {
        try {
          for await (const chunk of response.body ?? []) {
            watch();
            yield chunk;
          }
        } catch (cause) {
          throw failure(cause);
        } finally {
          clearTimeout(timer);
        }
      },
      close() {
        clearTimeout(timer);
        void response.body?.cancel().catch(() => {}); // It may have ended, or broken, by itself.
      },
    };
  } catch (cause) {
    throw failure(cause);
  }
}

/** What happened, from the codes that Node's fetch hides in causes. */
function networkReason(error: unknown): string {
  const code = codeOf(error);
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: "no server answers there",
    ENOTFOUND: "there is no server of that name, or no network",
    EAI_AGAIN: "its name could not be looked up; there may be no network",
    ECONNRESET: "the connection was cut",
    UND_ERR_SOCKET: "the connection was cut",
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the connection ended too early",
  };
  return reasons[code] ?? `the connection failed${code ? ` (${code})` : ""}`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error ? String(error.code) : codeOf(error.cause);
}

/** A failure status in words. */
function refusal({ status, headers }: Response, url: string): PlaceError {
  if (status === 404 || status === 410)
    return new PlaceError("gone", url, `it is not there (any more): ${status}`);
  // The Hub answers 401, not 404, for repositories that do not exist.
  if (status === 401)
    return new PlaceError("refused", url, "it needs an access token, or does not exist: 401");
  if (status === 403 || status === 451)
    return new PlaceError("refused", url, `access is not allowed: ${status}`);
  const wait = retryAfterSeconds(headers.get("Retry-After"));
  const waitSeconds = wait === undefined ? {} : { waitSeconds: wait };
  if (status === 429)
    return new PlaceError("busy", url, "it has been asked too often: 429", waitSeconds);
  return new PlaceError("server", url, `the server fails: ${status}`, waitSeconds);
}

/** Seconds, or a date. */
function retryAfterSeconds(text: string | null): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}
