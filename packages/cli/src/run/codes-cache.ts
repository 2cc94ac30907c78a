import { homedir } from "node:os";
import { join } from "node:path";
import type { Cache } from "@hawksbill/dataset";
import { openCache } from "@hawksbill/dataset/node";

/**
 * Where the codes of clips are kept, so that no sound is encoded twice; none where that cannot be written.
 *
 * @param folder Default "hawksbill" in the user's cache.
 */
export async function codesCache(
  folder: string = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "hawksbill"),
  onWarning: (message: string) => void,
): Promise<Cache | undefined> {
  return openCache(folder, { onWarning }).catch((error: unknown) => {
    onWarning(error instanceof Error ? error.message : String(error));
    return undefined;
  });
}
