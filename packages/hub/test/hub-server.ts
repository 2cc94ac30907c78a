import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

/** An answer that is not as it should be. */
export type Fault = (request: IncomingMessage, response: ServerResponse, content: Buffer) => void;

export interface HubServer {
  readonly url: string;
  /** What was asked: `HEAD /owner/name/resolve/main/file`, `GET /cdn bytes=10-`. */
  readonly asked: string[];
  /** Headers of the requests, in the same order. */
  readonly headers: IncomingMessage["headers"][];
  /** How the next requests for the content fail, one after the other. */
  readonly faults: Fault[];
}

export const commit = "0123456789abcdef0123456789abcdef01234567";

export function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

const servers: { close(): void; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on this machine; `answer` returns false for what is not there. It ends with the test. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<HubServer> {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    const { range } = request.headers;
    asked.push([request.method, request.url, ...(range ? [range] : [])].join(" "));
    headers.push(request.headers);
    if (!answer(request, response)) response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, headers, faults: [] };
}

/** Serves one large file as the Hub does: by a redirect that has its length and sha256. */
export async function serveLarge(path: string, content: Buffer): Promise<HubServer> {
  const server: HubServer = await serve((request, response) => {
    if (request.url === path) {
      response.writeHead(302, {
        Location: "/cdn",
        "X-Repo-Commit": commit,
        "X-Linked-ETag": `"${sha256(content)}"`,
        "X-Linked-Size": content.length,
      });
      response.end();
    } else if (request.url === "/cdn") {
      (server.faults.shift() ?? sendContent)(request, response, content);
    } else return false;
    return true;
  });
  return server;
}

/** The content, or the part of it that is asked for. */
export const sendContent: Fault = ({ headers }, response, content) => {
  const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
  const start = Number(from ?? 0);
  const part = content.subarray(start);
  response.writeHead(from === undefined ? 200 : 206, {
    "Content-Length": part.length,
    ...(from === undefined
      ? {}
      : { "Content-Range": `bytes ${start}-${content.length - 1}/${content.length}` }),
  });
  response.end(part);
};

/** Sends so much of what is asked for, then cuts the connection. */
export function cutAfter(bytes: number): Fault {
  return (request, response, content) => {
    begin(request, response, content, bytes, () => response.destroy());
  };
}

/** Sends so much of what is asked for, then nothing. */
export function stallAfter(bytes: number): Fault {
  return (request, response, content) => begin(request, response, content, bytes, () => {});
}

/** Sends a status only. */
export function status(code: number, headers: Record<string, string> = {}): Fault {
  return (_, response) => response.writeHead(code, headers).end("no");
}

/** Sends bytes of its own, with the headers of its choice. */
export function send(code: number, headers: Record<string, string>, bytes: Buffer | string): Fault {
  return (_, response) => response.writeHead(code, headers).end(bytes);
}

function begin(
  { headers }: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  bytes: number,
  then: () => void,
): void {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
  response.writeHead(start > 0 ? 206 : 200, {
    "Content-Length": content.length - start,
    ...(start > 0
      ? { "Content-Range": `bytes ${start}-${content.length - 1}/${content.length}` }
      : {}),
  });
  // Once it has left this process, what comes after cannot overtake it.
  response.write(content.subarray(start, start + bytes), () => setTimeout(then, 20));
}
