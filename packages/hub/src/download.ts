import { createHash } from "node:crypto";
import { mkdir, rename, rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { ask, type Offer } from "./ask.js";
import { blobPath, findCached, localFile, nameBlob, repoFolder } from "./cache.js";
import { DownloadError, PlaceError } from "./download-error.js";
import { failure, inDiskWords } from "./failure.js";
import { withLock } from "./lock.js";
import { type DownloadEvent, type DownloadOptions, type Network, networkOf } from "./options.js";
import { patiently } from "./patiently.js";
import { receive } from "./receive.js";
import { isGitId, type LocalFile, type Place, type RemoteFile } from "./remote-file.js";
import { checkPlace } from "./repo-name.js";
import { verify } from "./verify.js";

/** A download with all that it needs to know. */
interface Task {
  readonly file: RemoteFile;
  readonly place: Place;
  readonly cache: string;
  readonly network: Network;
  readonly largestBytes: number;
  readonly onEvent: (event: DownloadEvent) => void;
}

/**
 * Brings a file into the cache, from the first place that has it, and says where it lies.
 *
 * What is there already is not asked for again: a file of known sha256, or of a place whose revision
 * is a commit. Interrupted, it goes on where it stopped when it is called again. Under its name a
 * file is always whole and verified.
 *
 * @throws {DownloadError} No place gave it; the message says why, and what to do.
 * @throws The signal's reason, once that is aborted.
 */
export async function download(file: RemoteFile, options: DownloadOptions): Promise<LocalFile> {
  const { cache, offline = false, largestBytes = 16e9, onEvent = () => {} } = options;
  for (const place of file.places) checkPlace(place);
  const network = networkOf(options);
  const cached = await findCached(file, cache);
  if (cached && (offline || isLasting(file))) return cached;
  if (offline)
    throw new DownloadError(
      "offline",
      file.name,
      `is not in ${cache}; download it where there is a network`,
    );
  const failures: PlaceError[] = [];
  for (const place of file.places)
    for (const endpoint of network.endpoints) {
      try {
        const task = { file, place, cache, network, largestBytes, onEvent };
        return await fromPlace(task, endpoint);
      } catch (error) {
        network.signal?.throwIfAborted();
        if (!(error instanceof PlaceError)) throw inDiskWords(error, file.name);
        const { url, problem, reason } = error;
        onEvent({ type: "failure", url, problem, reason });
        failures.push(error);
      }
    }
  throw failure(file, failures);
}

/** Whether what is called so can never become another file. */
function isLasting({ sha256, places }: RemoteFile): boolean {
  return sha256 !== undefined || places.every(({ revision = "" }) => isGitId(revision));
}

async function fromPlace(task: Task, endpoint: string): Promise<LocalFile> {
  const { file, place, cache, network, onEvent } = task;
  const folder = repoFolder(cache, place);
  const offer = await patiently(network, () => ask(file, place, endpoint, network), { onEvent });
  const known = offer.id && (await localFile(blobPath(folder, offer.id)));
  if (offer.id && known) return nameBlob(folder, place, offer.id, offer.commit);
  const partial = `${blobPath(folder, offer.id ?? digest(offer.url))}.incomplete`;
  await mkdir(dirname(partial), { recursive: true });
  return withLock(partial, file.name, async () => {
    await checkRoom(partial, offer, file);
    const id = await fetchVerified(task, offer, partial);
    await rename(partial, blobPath(folder, id));
    return nameBlob(folder, place, id, offer.commit);
  });
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** @returns The content's id. */
async function fetchVerified(task: Task, offer: Offer, partial: string): Promise<string> {
  const { network, onEvent } = task;
  for (;;) {
    const kept = await localFile(partial);
    await patiently(network, () => receive(offer, partial, network, task), { partial, onEvent });
    onEvent({ type: "verifying" });
    const { problem, by, id } = await verify(partial, offer, network.signal);
    if (problem === undefined) {
      onEvent({ type: "verified", by });
      return id;
    }
    await rm(partial);
    // The wrong bytes may be those of an earlier attempt: once more, from the start.
    if (!kept?.bytes) throw new PlaceError("content", offer.url, problem);
  }
}

/** @throws {DownloadError} The rest of the file does not fit on the disk. */
async function checkRoom(partial: string, { bytes = 0 }: Offer, file: RemoteFile): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(partial));
  const missing = bytes - ((await localFile(partial))?.bytes ?? 0);
  if (missing > bavail * bsize)
    throw new DownloadError(
      "disk",
      file.name,
      `needs ${missing} more bytes, and the disk of ${dirname(partial)} has room for ${bavail * bsize}; free some space or choose another cache`,
    );
}
