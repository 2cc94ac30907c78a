import type { ServerRequest } from "srvx";
import { serve as listen } from "srvx/node";
import type { SpeechServer } from "../speech-server.js";
import { refuseStrangeHost } from "./refuse-strange-host.js";

export interface ServeOptions {
  /** Default 127.0.0.1: only this machine. "0.0.0.0" or "::" is all that can reach it. */
  readonly host?: string;
  /** Default 8321; 0 takes one that is free. */
  readonly port?: number;
  /** Names by which clients may call the server; default on a loopback address those of this machine, else all. */
  readonly allowedHosts?: readonly string[] | "all";
  /** Seconds for a request's headers; default 10. */
  readonly headersSeconds?: number;
  /** Seconds for a request's headers and body; default 30. */
  readonly requestSeconds?: number;
  /** Connections at once; those beyond are closed. Default 256. */
  readonly maxConnections?: number;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it is, e.g. "http://127.0.0.1:8321". */
  readonly url: string;
  /**
   * Stops: no more connections, and 503 for speech on those there are; what is under way is finished.
   *
   * @param options.graceSeconds After which what is still under way is cut off; default 10.
   */
  close(options?: { readonly graceSeconds?: number }): Promise<void>;
}

/** What is used of Node's own server, which srvx may type as that of HTTP/2. */
interface HttpServer {
  maxConnections: number;
  close(onClosed: () => void): void;
  closeIdleConnections(): void;
  closeAllConnections(): void;
}

/** Bytes that a request's headers have at most. */
const maxHeaderSize = 16_384;

/** Seconds that a connection without requests is kept. */
const keepAliveSeconds = 5;

/**
 * Answers HTTP with a `SpeechServer`.
 *
 * @throws {Error} The address cannot be listened on, e.g. because the port is taken (`code` EADDRINUSE).
 */
export async function serve(
  speech: Pick<SpeechServer, "fetch" | "close">,
  options: ServeOptions = {},
): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 8321, maxConnections = 256 } = options;
  const { headersSeconds = 10, requestSeconds = 30 } = options;
  const allowedHosts = options.allowedHosts ?? (isLoopback(host) ? localNames(host) : "all");
  const server = listen({
    fetch: async (request) => {
      const refusal = refuseStrangeHost(request, allowedHosts);
      const response = refusal ?? (await speech.fetch(request));
      // A body that was not read to its end would be taken for the next request, or waited for.
      if (!isWhole(request)) response.headers.set("connection", "close");
      return response;
    },
    hostname: host,
    port,
    manual: true,
    silent: true,
    gracefulShutdown: false,
    node: {
      maxHeaderSize,
      headersTimeout: headersSeconds * 1000,
      requestTimeout: requestSeconds * 1000,
      connectionsCheckingInterval: Math.min(1000, headersSeconds * 500),
      keepAliveTimeout: keepAliveSeconds * 1000,
    },
  });
  const node = server.node?.server as unknown as HttpServer;
  node.maxConnections = maxConnections;
  await server.serve();
  return {
    url: (server.url as string).replace(/\/$/, ""),
    async close({ graceSeconds = 10 } = {}) {
      const closed = new Promise<void>((resolve) => node.close(() => resolve()));
      const end = performance.now() + graceSeconds * 1000;
      const grace = new AbortController();
      const timer = setTimeout(() => grace.abort(), graceSeconds * 1000);
      await speech.close(grace.signal);
      clearTimeout(timer);
      // What was made last may be on its way yet; a connection that has it all would wait for another request.
      const sweep = setInterval(() => node.closeIdleConnections(), 20);
      const left = Math.max(lastBytesMilliseconds, end - performance.now());
      const cutOff = setTimeout(() => node.closeAllConnections(), left);
      await closed;
      clearInterval(sweep);
      clearTimeout(cutOff);
    },
  };
}

/** That an answer has to get out where the time to stop is over. */
const lastBytesMilliseconds = 200;

function isWhole(request: ServerRequest): boolean {
  return request.runtime?.node?.req.complete ?? true;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function localNames(host: string): readonly string[] {
  return ["localhost", "127.0.0.1", "[::1]", host];
}
