/** Why a file could not be had. */
export type DownloadProblem =
  /** The server says that there is no such file, or no more: 404, 410. */
  | "gone"
  /** The server wants to know who asks, or refuses: 401, 403, 451. */
  | "refused"
  /** Too many asked: 429. */
  | "busy"
  /** The server fails: 500 and above, or an answer that makes no sense. */
  | "server"
  /** No connection, or a broken one. */
  | "network"
  /** Nothing came for a while. */
  | "stalled"
  /** From address to address without an end, or to one that is not safe. */
  | "redirects"
  /** More or fewer bytes than announced, or than allowed. */
  | "length"
  /** Other bytes than those wanted. */
  | "content"
  /** Several of these, each at another place. */
  | "several"
  /** It is not in the cache, and the network is not to be used. */
  | "offline"
  /** Another process downloads it now. */
  | "locked"
  /** No room, no permission, …. */
  | "disk"
  /** It cannot be the name of a file, or names nothing. */
  | "name";

/** What went wrong at one place. */
export interface PlaceFailure {
  readonly url: string;
  readonly problem: DownloadProblem;
  /** In words. */
  readonly reason: string;
}

/** A file could not be had; the message says what happened at each place, and what to do. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
  readonly problem: DownloadProblem;
  /** The file, as messages call it. */
  readonly file: string;
  /** What happened where, in the order of the attempts; empty where none was made. */
  readonly failures: readonly PlaceFailure[];

  constructor(
    problem: DownloadProblem,
    file: string,
    message: string,
    options: { readonly failures?: readonly PlaceFailure[]; readonly cause?: unknown } = {},
  ) {
    const { failures = [], ...cause } = options;
    super(`${file}: ${message}`, cause);
    this.problem = problem;
    this.file = file;
    this.failures = failures;
  }
}

/** One attempt at one place has failed; another may succeed. */
export class PlaceError extends Error implements PlaceFailure {
  override readonly name = "PlaceError";
  readonly url: string;
  readonly problem: DownloadProblem;
  readonly reason: string;
  /** How long the server wants to be left alone. */
  readonly waitSeconds: number | undefined;

  constructor(
    problem: DownloadProblem,
    url: string,
    reason: string,
    options: { readonly waitSeconds?: number; readonly cause?: unknown } = {},
  ) {
    const { waitSeconds, ...cause } = options;
    super(`${url}: ${reason}`, cause);
    this.problem = problem;
    this.url = url;
    this.reason = reason;
    this.waitSeconds = waitSeconds;
  }
}
