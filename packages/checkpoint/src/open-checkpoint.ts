import {
  type ByteSource,
  type CheckpointSource,
  openSource,
  readBytes,
  type SourceOptions,
} from "./byte-source.js";
import type { Checkpoint } from "./checkpoint.js";
import { CheckpointError } from "./checkpoint-error.js";
import { openSafetensors } from "./open-safetensors.js";
import { openShards } from "./open-shards.js";
import { openLegacyPth } from "./pth/open-legacy-pth.js";
import { openPth } from "./pth/open-pth.js";

/**
 * Opens a checkpoint of any kind and lists what it holds, reading its headers only: a .pth that torch.save wrote,
 * a .safetensors, or the index of a checkpoint in several safetensors files.
 *
 * Nothing in a file is ever run: a pickle that asks for more than weights need is refused by name.
 *
 * @throws {CheckpointError} The file is damaged, cut short, of another kind, or made to deceive.
 */
export async function openCheckpoint(
  source: CheckpointSource,
  options: SourceOptions = {},
): Promise<Checkpoint> {
  const opened = await openSource(source, options);
  try {
    const open = await openerFor(opened);
    return await open(opened);
  } catch (error) {
    await opened.close?.();
    throw error;
  }
}

/** Enough for every mark by which a file is known; that of TAR comes last. */
const markBytes = 262;

/** The instruction that a pickle begins with; which protocol it is of follows. */
const pickleProtocol = 0x80;

async function openerFor(source: ByteSource): Promise<(source: ByteSource) => Promise<Checkpoint>> {
  const start = await readBytes(source, 0, Math.min(markBytes, source.size));
  const letters = String.fromCharCode(...start);
  if (letters.startsWith("PK")) return openPth;
  const [first, second = 0] = start;
  if (first === pickleProtocol && second >= 2 && second <= 5) return openLegacyPth;
  if (letters.slice(257).startsWith("ustar"))
    throw new CheckpointError(
      source.name,
      "is a TAR archive, as torch before 0.1.10 wrote; load it in Python and save it again",
    );
  // As the length of a safetensors header, a brace and letters would be absurd.
  if (/^\s*\{\s*"/.test(letters)) return openShards;
  return openSafetensors;
}
