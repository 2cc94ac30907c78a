import { DatasetError } from "./dataset-error.js";

/** One line of a text file. */
export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  /** Without the line's end; undefined if its bytes are not UTF-8. */
  readonly text: string | undefined;
}

/**
 * The lines of a UTF-8 file, whatever ends them (Unix, Windows, old Mac), without its byte order mark.
 *
 * @throws {DatasetError} The file is UTF-16, as Windows' Notepad and Excel can save it.
 */
export function textLines(bytes: Uint8Array, file: string): TextLine[] {
  const [first = 0, second = 0] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new DatasetError(`${file} is UTF-16; save it as UTF-8`);
  return pieces(bytes).map((line, i) => ({ number: i + 1, text: utf8(line) }));
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

function pieces(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== lineFeed && bytes[i] !== carriageReturn) continue;
    found.push(bytes.subarray(start, i));
    if (bytes[i] === carriageReturn && bytes[i + 1] === lineFeed) i++;
    start = i + 1;
  }
  found.push(bytes.subarray(start));
  return found;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
