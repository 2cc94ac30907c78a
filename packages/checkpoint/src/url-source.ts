import type { ByteSource } from "./byte-source.js";
import { CheckpointError } from "./checkpoint-error.js";

/** The first request asks for so much: it often has all that is read besides the tensors. */
const firstBytes = 65_536;

/**
 * A file on a server, of which only the parts that are needed are fetched.
 *
 * A server that cannot send parts sends all of it at once, which is then kept as a `Blob`.
 *
 * @throws {CheckpointError} The server cannot be reached, or does not answer with the file.
 */
export async function openUrl(url: URL, givenName?: string): Promise<ByteSource> {
  const name = givenName ?? withoutSecrets(url);
  const sibling = (file: string): Promise<ByteSource> => openUrl(siblingUrl(url, file));
  const response = await ask(url, name, 0, firstBytes);
  if (response.status === 416) return { name, size: 0, read: async () => new Uint8Array() };
  if (response.status !== 206) {
    const blob = await bodyOf(response, name, (body) => body.blob());
    return {
      name,
      size: blob.size,
      read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
      sibling,
    };
  }
  const size = await sizeOf(response, url, name);
  const version = versionOf(response);
  const first = await partOf(response, name, 0, Math.min(firstBytes, size));
  return {
    name,
    size,
    sibling,
    async read(begin, end) {
      if (end <= first.length) return first.subarray(begin, end);
      const part = await ask(url, name, begin, end);
      if (part.status !== 206 || versionOf(part) !== version)
        throw new CheckpointError(name, "changed on its server while it was read; open it again");
      return partOf(part, name, begin, end);
    },
  };
}

async function ask(url: URL, name: string, begin: number, end: number): Promise<Response> {
  // Of blob: and data: there is no need for parts, and Node's come one byte short.
  const isRemote = url.protocol.startsWith("http");
  const headers = isRemote ? { Range: `bytes=${begin}-${end - 1}` } : {};
  const response = await request(url, name, { headers });
  // Of an empty file, no range can be sent.
  if (!response.ok && response.status !== 416)
    throw new CheckpointError(
      name,
      `cannot be read: its server answers ${response.status} ${response.statusText}`.trim(),
    );
  return response;
}

async function request(url: URL, name: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new CheckpointError(name, `cannot be read: ${reason(cause)}; check the address`, {
      cause,
    });
  }
}

/** Names that are hidden by CORS are asked for in another way: `Content-Length` never is. */
async function sizeOf(response: Response, url: URL, name: string): Promise<number> {
  const [, total] = response.headers.get("content-range")?.match(/\/(\d+)$/) ?? [];
  if (total !== undefined) return Number(total);
  const head = await request(url, name, { method: "HEAD" });
  const length = head.headers.get("content-length");
  if (head.ok && length !== null) return Number(length);
  throw new CheckpointError(
    name,
    "cannot be read: its server does not say its size; download it first",
  );
}

/** @throws {CheckpointError} The server sent other bytes than asked for. */
async function partOf(
  response: Response,
  name: string,
  begin: number,
  end: number,
): Promise<Uint8Array> {
  const range = response.headers.get("content-range");
  if (range !== null && !range.startsWith(`bytes ${begin}-${end - 1}/`))
    throw new CheckpointError(
      name,
      `cannot be read: asked for bytes ${begin}-${end - 1}, its server sent "${range}"`,
    );
  const bytes = new Uint8Array(await bodyOf(response, name, (body) => body.arrayBuffer()));
  if (bytes.length !== end - begin)
    throw new CheckpointError(
      name,
      `cannot be read: its server sent ${bytes.length} of ${end - begin} bytes; try again`,
    );
  return bytes;
}

async function bodyOf<T>(
  response: Response,
  name: string,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  try {
    return await read(response);
  } catch (cause) {
    throw new CheckpointError(name, `cannot be read: ${reason(cause)}; try again`, { cause });
  }
}

/** Changes when the file does. */
function versionOf({ headers }: Response): string | null {
  return headers.get("etag") ?? headers.get("last-modified");
}

/** Signed addresses have their signature in the query, which belongs in no message. */
function withoutSecrets({ origin, pathname }: URL): string {
  return origin === "null" ? "checkpoint" : `${origin}${pathname}`;
}

function siblingUrl(url: URL, file: string): URL {
  const sibling = new URL(encodeURIComponent(file), url);
  sibling.search = url.search;
  return sibling;
}

/** What fetch says is only "fetch failed"; its cause says why. */
function reason(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}
