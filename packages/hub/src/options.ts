import { DownloadError, type DownloadProblem } from "./download-error.js";

/** How to speak to servers. */
export interface NetworkOptions {
  /** Servers that answer as the Hub does, tried in this order; default `["https://huggingface.co"]`. */
  readonly endpoints?: readonly string[];
  /** An access token of the Hub; it is sent to the endpoints and nowhere else. */
  readonly token?: string;
  /** Aborting it stops the download and keeps what has come. */
  readonly signal?: AbortSignal;
  /** Seconds without a byte after which a connection is given up; default 30. */
  readonly stallSeconds?: number;
  /** Attempts in a row that bring nothing new, after which a place is given up; default 5. */
  readonly attempts?: number;
  /** Seconds before the second attempt, twice as many before the next, at most 30; default 1. */
  readonly pauseSeconds?: number;
  /** Default the global one; another one can take a proxy. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface DownloadOptions extends NetworkOptions {
  /** The folder of the cache; `huggingFaceCache` says where others keep theirs. */
  readonly cache: string;
  /** Use what is in the cache, and no network; default false. */
  readonly offline?: boolean;
  /** Longest file to accept; default 16 GB, which is eight times TorToiSe's longest. */
  readonly largestBytes?: number;
  /** Told how it goes. */
  readonly onEvent?: (event: DownloadEvent) => void;
}

/** What happens in a download. */
export type DownloadEvent =
  /** Bytes are on their way. */
  | {
      readonly type: "start";
      readonly url: string;
      /** What an earlier attempt has left. */
      readonly keptBytes: number;
      readonly totalBytes?: number;
    }
  | { readonly type: "progress"; readonly receivedBytes: number; readonly totalBytes?: number }
  /** The same place is tried again, after a pause. */
  | {
      readonly type: "retry";
      readonly url: string;
      readonly reason: string;
      readonly waitSeconds: number;
    }
  /** A place is given up. */
  | {
      readonly type: "failure";
      readonly url: string;
      readonly problem: DownloadProblem;
      readonly reason: string;
    }
  /** All has come, and is compared with what it must be; that takes a while for large files. */
  | { readonly type: "verifying" }
  /** It is what it must be; `by` says what vouches for it. */
  | { readonly type: "verified"; readonly by: "sha256" | "git object id" | "length" | "nothing" };

const defaultEndpoint = "https://huggingface.co";

/** The options of requests with what stands for those that are not given. */
export interface Network extends Required<Omit<NetworkOptions, "token" | "signal">> {
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** @throws {DownloadError} An endpoint is no address. */
export function networkOf(options: NetworkOptions): Network {
  const { endpoints = [defaultEndpoint] } = options;
  for (const endpoint of endpoints)
    if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
      throw new DownloadError("name", endpoint, `is no server; give one like ${defaultEndpoint}`);
  return {
    endpoints,
    token: options.token,
    signal: options.signal,
    stallSeconds: options.stallSeconds ?? 30,
    attempts: options.attempts ?? 5,
    pauseSeconds: options.pauseSeconds ?? 1,
    fetch: options.fetch ?? globalThis.fetch,
  };
}
