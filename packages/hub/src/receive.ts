import { type FileHandle, open } from "node:fs/promises";
import type { Offer } from "./ask.js";
import { PlaceError } from "./download-error.js";
import type { DownloadEvent, Network } from "./options.js";
import { type Answer, request } from "./request.js";

/** What a download is told, and tells. */
export interface ReceiveOptions {
  readonly largestBytes: number;
  readonly onEvent: (event: DownloadEvent) => void;
}

/**
 * Brings a file's content into `path`, going on from what an earlier attempt has left there.
 *
 * When it fails, what has come stays for the next attempt, unless it cannot be right.
 *
 * @throws {PlaceError} The connection broke, or other lengths came than were announced.
 */
export async function receive(
  offer: Offer,
  path: string,
  network: Network,
  options: ReceiveOptions,
): Promise<void> {
  const file = await open(path, "a");
  try {
    const keptBytes = await keep(file, offer);
    if (offer.bytes === undefined || keptBytes < offer.bytes)
      await receiveFrom(keptBytes, file, offer, network, options);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Empties the file unless it is the beginning of what is offered. @returns Its length. */
async function keep(file: FileHandle, { id, bytes }: Offer): Promise<number> {
  const { size } = await file.stat();
  // Without an id nothing says that the server still has the same file.
  if (id !== undefined && (bytes === undefined || size <= bytes)) return size;
  await file.truncate(0);
  return 0;
}

async function receiveFrom(
  keptBytes: number,
  file: FileHandle,
  offer: Offer,
  network: Network,
  options: ReceiveOptions,
): Promise<void> {
  const { url } = offer;
  const headers: Record<string, string> = keptBytes > 0 ? { Range: `bytes=${keptBytes}-` } : {};
  const isEnough = ({ status }: Response): boolean => status === notThatPart;
  const answer = await request("GET", url, network, { headers, isEnough });
  try {
    const { start, announced } = partOf(answer, url);
    // It has ignored the range, or cannot send parts as it should: then all of it.
    if (start !== keptBytes) await file.truncate(0);
    if (start !== keptBytes && start !== 0)
      throw new PlaceError("server", url, `it did not send the part from byte ${keptBytes}`);
    const total = offer.bytes ?? announced;
    if (announced !== undefined && announced !== total)
      throw new PlaceError("length", url, `it sends ${announced} bytes, not ${total}`);
    await append(answer, file, start, { url, total, ...options });
  } finally {
    answer.close();
  }
}

/** The status of a server that has no such part. */
const notThatPart = 416;

/** Where an answer begins in the file (NaN if it does not say so), and how long it says all of it is. */
function partOf(
  { response: { status, headers } }: Answer,
  url: string,
): { readonly start: number; readonly announced: number | undefined } {
  if (status === notThatPart) return { start: Number.NaN, announced: undefined };
  if ((headers.get("Content-Encoding") ?? "identity") !== "identity")
    throw new PlaceError("server", url, "it compresses what it sends, though asked not to");
  if (status !== 206) {
    const length = headers.get("Content-Length");
    return { start: 0, announced: length === null ? undefined : Number(length) };
  }
  const range = /^bytes (\d+)-\d+\/(?:(\d+)|\*)$/.exec(headers.get("Content-Range") ?? "");
  const [, start = "no part", total] = range ?? [];
  return { start: Number(start), announced: total === undefined ? undefined : Number(total) };
}

async function append(
  answer: Answer,
  file: FileHandle,
  start: number,
  options: ReceiveOptions & { readonly url: string; readonly total: number | undefined },
): Promise<void> {
  const { url, total, largestBytes, onEvent } = options;
  const totalBytes = total === undefined ? {} : { totalBytes: total };
  const most = Math.min(total ?? largestBytes, largestBytes);
  if (total !== undefined && total > largestBytes)
    throw new PlaceError("length", url, `it has ${total} bytes; ${largestBytes} are allowed`);
  onEvent({ type: "start", url, keptBytes: start, ...totalBytes });
  let receivedBytes = start;
  for await (const chunk of answer.body()) {
    receivedBytes += chunk.length;
    if (receivedBytes > most) {
      await file.truncate(0);
      throw new PlaceError("length", url, `it sends more than ${most} bytes`);
    }
    await file.appendFile(chunk);
    onEvent({ type: "progress", receivedBytes, ...totalBytes });
  }
  if (total !== undefined && receivedBytes < total)
    throw new PlaceError("network", url, `it ended after ${receivedBytes} of ${total} bytes`);
}
