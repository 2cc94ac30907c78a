import { createHash } from "node:crypto";
import { basename } from "node:path";
import { version } from "../version.js";
import { changeable, readRunConfig } from "./run-config.js";

/** Where a run's files say where they come from: key of their metadata. */
const provenanceKey = "hawksbill.run";

/**
 * What the files of a run say of themselves: base, data, settings, step and version. The same for a run that was
 * interrupted and for one that was not, wherever it was made: no times, no folders.
 *
 * @param step Of the weights.
 * @throws {CliError} The folder has no run.
 */
export async function provenance(folder: string, step: number): Promise<Record<string, string>> {
  const { settings, baseFiles, clips } = await readRunConfig(folder);
  const data = createHash("sha256").update(JSON.stringify(clips)).digest("hex");
  const origin = {
    step,
    base: { name: basename(settings.base), sha256: baseFiles },
    dataset: { name: basename(settings.dataset), clips: clips.length, sha256: data.slice(0, 16) },
    settings: Object.fromEntries(
      Object.entries(settings).filter(([name]) => !changeable.has(name)),
    ),
    hawksbill: version,
  };
  return { [provenanceKey]: JSON.stringify(origin) };
}
