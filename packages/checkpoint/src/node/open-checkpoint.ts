/// <reference types="node" />
import { fileURLToPath } from "node:url";
import type { CheckpointSource, SourceOptions } from "../byte-source.js";
import type { Checkpoint } from "../checkpoint.js";
import { openCheckpoint as openAnywhere } from "../open-checkpoint.js";
import { openFile } from "./file-source.js";

/**
 * As `openCheckpoint` of the main entry, and for files on the disk, from which ONNX Runtime then maps large tensors:
 * replace such a file by another (as `writePth` and `writeSafetensors` do) rather than writing into it.
 *
 * @param source A path, or what the main entry takes.
 * @throws {CheckpointError} The file is not there or not readable, or as for the main entry.
 */
export async function openCheckpoint(
  source: string | CheckpointSource,
  options: SourceOptions = {},
): Promise<Checkpoint> {
  const path =
    source instanceof URL && source.protocol === "file:" ? fileURLToPath(source) : source;
  return openAnywhere(typeof path === "string" ? await openFile(path) : path, options);
}
