import type { ZipArchive } from "./zip-archive.js";

/** Where a .pth file holds texts about itself: torch passes over such entries, and TorchScript's lie there, too. */
export const metadataEntry = "extra/metadata.json";

/** Settings and hashes take some kilobytes. */
const mostMetadataBytes = 1_000_000;

/** The texts in an archive; none where there is no such entry, or another program's. */
export async function readMetadata(
  archive: ZipArchive,
  folder: string,
): Promise<Record<string, string>> {
  const entry = archive.entries.get(`${folder}${metadataEntry}`);
  if (!entry || entry.bytes > mostMetadataBytes) return {};
  const text = new TextDecoder().decode(await archive.read(entry));
  try {
    const texts = Object.entries(Object(JSON.parse(text)));
    return Object.fromEntries(
      texts.filter((pair): pair is [string, string] => typeof pair[1] === "string"),
    );
  } catch {
    return {};
  }
}
