import { setTimeout as pause } from "node:timers/promises";
import { localFile } from "./cache.js";
import { type DownloadProblem, PlaceError } from "./download-error.js";
import type { DownloadEvent, Network } from "./options.js";

/** What may be otherwise a moment later. */
const passing: ReadonlySet<DownloadProblem> = new Set(["network", "stalled", "server", "busy"]);

const longestPauseSeconds = 30;

/** A server that wants to be left alone for longer is told of instead. */
const longestWaitSeconds = 120;

/** An attempt that brings so much counts as a success, so that long files survive many breaks. */
const enoughBytes = 2 ** 20;

/**
 * Tries until it works, with pauses, as long as the problem may pass.
 *
 * @param options `partial` is a file that grows with each attempt.
 * @throws {PlaceError} The last attempt's.
 */
export async function patiently<T>(
  { attempts, pauseSeconds, signal }: Network,
  work: () => Promise<T>,
  options: {
    readonly partial?: string;
    readonly onEvent?: (event: DownloadEvent) => void;
  } = {},
): Promise<T> {
  const { partial, onEvent = () => {} } = options;
  const bytes = async (): Promise<number> => (partial && (await localFile(partial))?.bytes) || 0;
  let before = await bytes();
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PlaceError) || !passing.has(error.problem)) throw error;
      const now = await bytes();
      if (now >= before + enoughBytes) failures = 1;
      before = now;
      const { url, reason } = error;
      const ownPause = Math.min(pauseSeconds * 2 ** (failures - 1), longestPauseSeconds);
      const waitSeconds = Math.max(ownPause, error.waitSeconds ?? 0);
      if (failures >= attempts || waitSeconds > longestWaitSeconds) throw error;
      onEvent({ type: "retry", url, reason, waitSeconds });
      await pause(1000 * waitSeconds, undefined, signal ? { signal } : {}).catch(() => {});
      signal?.throwIfAborted();
    }
  }
}
