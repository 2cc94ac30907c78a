import { findCached } from "@hawksbill/hub";
import type { Reporter } from "../reporter.js";
import type { Wanted } from "./download-names.js";
import { bytesText } from "./download-progress.js";

/** Tells of files: how large they are, whether the cache has them, and what they are for. */
export async function listFiles(
  wanted: readonly Wanted[],
  cache: string,
  reporter: Reporter,
): Promise<void> {
  const widest = Math.max(0, ...wanted.map(({ file }) => file.name.length));
  let group = "";
  for (const { group: next, holds: about, file } of wanted) {
    if (next !== group) reporter.note(about ? `${next}: ${about}` : next);
    group = next;
    const { name, sha256, places, holds = "" } = file;
    const cached = await findCached(file, cache);
    const bytes = cached?.bytes ?? file.bytes ?? file.approximateBytes;
    const size = bytes === undefined ? "?" : bytesText(bytes);
    const where = cached ? "in the cache" : "";
    const line = `  ${name.padEnd(widest)}  ${size.padStart(9)}  ${where.padEnd(12)}  ${holds}`;
    reporter.note(line.trimEnd());
    reporter.event({
      type: "file",
      group,
      name,
      holds,
      bytes,
      isExact: (cached?.bytes ?? file.bytes) !== undefined,
      sha256,
      places,
      path: cached?.path,
    });
  }
  reporter.note(`The cache is ${cache}`);
}
