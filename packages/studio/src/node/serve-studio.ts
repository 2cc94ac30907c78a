/// <reference types="node" />
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { studioHeaders } from "../headers.js";
import { studioFolder } from "../index.js";

export interface ServeOptions {
  /** Default one that is free. */
  readonly port?: number;
}

/** A studio that is being served. */
export interface ServedStudio {
  readonly url: string;
  close(): Promise<void>;
}

/** Only this machine can reach it; browsers count it as secure, which storage and microphones want. */
const host = "127.0.0.1";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".csv": "text/csv; charset=utf-8",
};

/**
 * Serves the studio to browsers on this machine.
 *
 * @throws The port is taken (`code` is `EADDRINUSE`), or the page is not built.
 */
export async function serveStudio({ port = 0 }: ServeOptions = {}): Promise<ServedStudio> {
  const folder = fileURLToPath(studioFolder);
  await stat(join(folder, "index.html")).catch((cause: unknown) => {
    throw new Error(
      `serveStudio: ${folder} has no page; build it with "npm run build", or install the package again`,
      { cause },
    );
  });
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  folder: string,
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = (status: number): void => {
    response.writeHead(status, studioHeaders).end();
  };
  if (method !== "GET" && method !== "HEAD") return refuse(405);
  const path = pathOf(folder, url);
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || !found?.isFile()) return refuse(404);
  response.writeHead(200, {
    ...studioHeaders,
    "Content-Type": types[extname(path)] ?? "application/octet-stream",
    "Content-Length": found.size,
    // The service worker keeps the files; its own updates must come through.
    "Cache-Control": "no-cache",
  });
  if (method === "HEAD") response.end();
  else await pipeline(createReadStream(path), response);
}

/** The file that an address means; undefined where it leads out of the folder. */
function pathOf(folder: string, url: string): string | undefined {
  try {
    const { pathname } = new URL(url, `http://${host}`);
    const name = decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    const path = normalize(join(folder, name));
    return path.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? path : undefined;
  } catch {
    return undefined;
  }
}
