import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Clip } from "@hawksbill/dataset";
import { modelFiles } from "@hawksbill/tortoise";
import type { ModelPaths } from "@hawksbill/tortoise/node";
import { CliError } from "../cli-error.js";
import type { RunConfig } from "./run-config.js";
import { runFiles } from "./run-files.js";

type Fingerprints = Pick<RunConfig, "baseFiles" | "clips">;

/** What tells a base model and a dataset from others, whatever their folders are called. */
export async function fingerprints(
  base: ModelPaths & { readonly diffusion?: string | undefined },
  clips: readonly Clip[],
): Promise<Fingerprints> {
  const baseFiles: Record<string, string> = {};
  for (const [part, name] of Object.entries({ ...modelFiles, diffusion: runFiles.diffusion })) {
    const path = base[part as keyof typeof base];
    if (path === undefined) continue;
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    baseFiles[name] = shortened(hash.digest("hex"));
  }
  return { baseFiles, clips: clips.map((clip) => [clip.id, clipPrint(clip)]) };
}

function clipPrint({ tokens, samples, split }: Clip): string {
  const hash = createHash("sha256");
  if (split === "heldOut") hash.update(split); // It decides what is trained on.
  for (const array of [tokens, samples])
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return shortened(hash.digest("hex"));
}

/** Enough to notice a change that nobody made on purpose to deceive. */
function shortened(digest: string): string {
  return digest.slice(0, 16);
}

/** What of a run's base and clips is another now, in words; nothing where all is the same. */
export function changesSince(before: Fingerprints, now: Fingerprints): string[] {
  const baseChanges = Object.entries(before.baseFiles).flatMap(([file, print]) =>
    now.baseFiles[file] === print ? [] : [`the base's ${file} is another one`],
  );
  return [...baseChanges, ...clipChanges(new Map(before.clips), new Map(now.clips))];
}

/** @throws {CliError} The base or a clip is not what the run was started with. */
export function requireSame(folder: string, changes: readonly string[]): void {
  if (changes.length === 0) return;
  const more = changes.length > 5 ? `, and ${changes.length - 5} more changes` : "";
  throw new CliError(
    `base and dataset are not those that the run in ${folder} was started with: ${changes.slice(0, 5).join(", ")}${more}; put them back as they were, start a new run with another --out, or go on all the same with --accept-changes`,
  );
}

function clipChanges(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): string[] {
  const changes = [
    ...[...before].flatMap(([id, print]) => {
      if (!now.has(id)) return [`clip ${id} is gone`];
      return now.get(id) === print ? [] : [`clip ${id} has changed`];
    }),
    ...[...now.keys()].flatMap((id) => (before.has(id) ? [] : [`clip ${id} is new`])),
  ];
  if (changes.length > 0 || `${[...before.keys()]}` === `${[...now.keys()]}`) return changes;
  return ["the clips are in another order"];
}
