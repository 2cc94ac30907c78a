import { readFile } from "node:fs/promises";
import { CliError } from "./cli-error.js";

/** What `encode` writes and `decode` reads. */
export interface CodesFile {
  readonly format: "hawksbill codes 1";
  /** How many codes the dVAE's codebook has: another one's codes mean other sounds. */
  readonly codebook: number;
  readonly clips: readonly CodedFile[];
}

export interface CodedFile {
  readonly file: string;
  readonly seconds: number;
  readonly codes: readonly number[];
}

export const codesFormat = "hawksbill codes 1";

/** @throws {CliError} The file is no list of codes. */
export async function readCodesFile(path: string): Promise<CodesFile> {
  const text = await readFile(path, "utf8");
  const found = parsed(text);
  const { format, codebook = 0, clips } = found;
  const isWhole = Array.isArray(clips) && clips.every((clip) => isCoded(clip, codebook));
  if (format === codesFormat && isWhole) return found as CodesFile;
  throw new CliError(
    `${path}: holds no codes, or damaged ones; give a file that hawksbill encode wrote`,
  );
}

function parsed(text: string): Partial<CodesFile> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function isCoded(clip: unknown, codebook: number): boolean {
  const { file, codes } = Object(clip) as Partial<CodedFile>;
  const isCode = (code: unknown): boolean =>
    Number.isInteger(code) && Number(code) >= 0 && Number(code) < codebook;
  return (
    typeof file === "string" && Array.isArray(codes) && codes.length > 0 && codes.every(isCode)
  );
}
