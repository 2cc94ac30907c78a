import type { Shape } from "@hawksbill/core";
import { CheckpointError, quoted } from "./checkpoint-error.js";
import { isDeeper } from "./json-depth.js";
import { isStoredDType, type StoredDType, storedDTypes } from "./stored-dtypes.js";

/** A file begins with the length of its JSON header, as an unsigned 64-bit little-endian number. */
export const lengthBytes = 8;

/** No framework's tensors have more axes. */
const mostAxes = 64;

// As many as the header's limit holds.
const mostTensors = 100_000;

/**
 * The reference implementation allows 100 MB, of which JSON would make gigabytes. A tensor takes about 100 bytes, so
 * this is enough for 100,000; speech models have some hundred.
 */
export const longestHeaderBytes = 10_000_000;

/** One tensor as a header describes it. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: StoredDType;
  readonly shape: Shape;
  /** Where its bytes begin and end, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** What a file says of itself before its data. */
export interface SafetensorsHeader {
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Record<string, string>;
}

/** What people take for a safetensors file, by its first letters (which would make an absurd length). */
const lookalikes: readonly (readonly [start: string, what: string])[] = [
  ["PK\x03\x04", "a zip file, as torch.save writes (.pth); read it with openCheckpoint"],
  ["\x80\x02", "a pickle, as old torch.save wrote (.pth); read it with openCheckpoint"],
  ["version ", "a Git LFS pointer, not the file itself; fetch it with git lfs pull"],
  ["<!DOCTYP", "a web page; download the file itself, not the page about it"],
  ["<!doctyp", "a web page; download the file itself, not the page about it"],
  ["<html", "a web page; download the file itself, not the page about it"],
  ["\x1f\x8b", "a gzip archive; unpack it first"],
];

/**
 * Length in bytes of the JSON header.
 *
 * @param start The file's first bytes, 8 or more.
 * @throws {CheckpointError} The file is too short for its header, or another kind of file.
 */
export function headerLength(start: Uint8Array, fileBytes: number, file: string): number {
  if (start.length < lengthBytes)
    throw new CheckpointError(
      file,
      `has ${fileBytes} bytes, too few for a safetensors file; copy or download it again`,
    );
  const view = new DataView(start.buffer, start.byteOffset, lengthBytes);
  const length = Number(view.getBigUint64(0, true));
  if (length <= longestHeaderBytes && lengthBytes + length <= fileBytes) return length;
  const letters = String.fromCharCode(...start.subarray(0, lengthBytes));
  const lookalike = lookalikes.find(([first]) => letters.startsWith(first));
  if (lookalike) throw new CheckpointError(file, `is ${lookalike[1]}`);
  throw new CheckpointError(
    file,
    length > longestHeaderBytes
      ? `asks for a header of ${length} bytes, over the limit of ${longestHeaderBytes}; it is damaged, or not a safetensors file`
      : `asks for a header of ${length} bytes, but has only ${fileBytes} bytes; it was cut short, or is not a safetensors file`,
  );
}

/**
 * Reads and checks a header: afterwards every tensor's bytes are known to be there, and to be its own.
 *
 * @param bytes The JSON.
 * @param dataBytes How many bytes follow the header in the file.
 * @throws {CheckpointError} It is not valid JSON, or does not describe exactly the bytes that follow.
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, file: string): SafetensorsHeader {
  const text = headerText(bytes, file);
  const json = parseObject(text, file);
  if (Object.keys(json).length > mostTensors)
    throw new CheckpointError(
      file,
      `describes more than ${mostTensors} tensors; no checkpoint needs so many`,
    );
  const repeated = repeatedName(text);
  if (repeated !== undefined)
    throw new CheckpointError(file, "is in the header twice; write the file again", {
      tensor: repeated,
    });
  const metadata = parseMetadata(
    Object.hasOwn(json, "__metadata__") ? json.__metadata__ : {},
    file,
  );
  const tensors = Object.entries(json)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => parseTensor(name, entry, file));
  checkLayout(tensors, dataBytes, file);
  return { tensors, metadata };
}

function headerText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CheckpointError(file, "has a header that is not UTF-8; it is damaged", { cause });
  }
}

function parseObject(text: string, file: string): Record<string, unknown> {
  // The format wants the brace first, without JSON's leading blanks.
  if (!text.startsWith("{"))
    throw new CheckpointError(file, "has a header that is not a JSON object; it is damaged");
  if (isDeeper(text, "{{["))
    throw new CheckpointError(
      file,
      "has a header with more than lists in objects in an object; it is damaged, or made to deceive",
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(file, "has a header that is not JSON; it is damaged", { cause });
  }
  return json as Record<string, unknown>;
}

/** The first name that the header's object has twice; JSON.parse would silently keep only the last. */
function repeatedName(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const letter = json[i];
    if (letter === "{" || letter === "[") depth++;
    else if (letter === "}" || letter === "]") depth--;
    else if (letter === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
      // No value at this depth is a string, so this is a name.
      if (depth !== 1) continue;
      const name = JSON.parse(json.slice(start, i + 1)) as string;
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return undefined;
}

function parseMetadata(metadata: unknown, file: string): Record<string, string> {
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string"))
    throw new CheckpointError(file, "has metadata that is not a map from strings to strings");
  return metadata as Record<string, string>;
}

function parseTensor(name: string, entry: unknown, file: string): StoredTensor {
  const fail = (problem: string): never => {
    throw new CheckpointError(file, problem, { tensor: name });
  };
  if (!isRecord(entry)) return fail("is not described by dtype, shape and data_offsets");
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isStoredDType(dtype))
    return fail(
      `has dtype ${quoted(String(dtype))}; convert it to one of ${Object.keys(storedDTypes).join(", ")}`,
    );
  if (!isCounts(shape)) return fail("has a shape that is not a list of whole numbers");
  if (shape.length > mostAxes)
    return fail(`is ${dtype} of ${shape.length} axes; the file is damaged`);
  if (!isCounts(offsets) || offsets.length !== 2)
    return fail("has data_offsets that are not two whole numbers");
  const [begin = 0, end = 0] = offsets;
  const wanted = shape.reduce((size, n) => size * n, storedDTypes[dtype].bytesPerElement);
  if (end - begin !== wanted)
    return fail(
      `is ${dtype} [${shape.join(", ")}], which takes ${wanted} bytes, but has ${end - begin}; the file is damaged`,
    );
  return { name, dtype, shape, begin, end };
}

/** The tensors' bytes lie one behind the other, from the end of the header to the end of the file. */
function checkLayout(tensors: readonly StoredTensor[], dataBytes: number, file: string): void {
  let position = 0;
  for (const { name, begin, end } of tensors.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== position) {
      const problem = begin < position ? "overlaps the tensor before it" : "has a gap before it";
      throw new CheckpointError(
        file,
        `begins at byte ${begin} of the data, expected ${position}: it ${problem}; the file is damaged`,
        { tensor: name },
      );
    }
    if (end > dataBytes)
      throw new CheckpointError(
        file,
        `ends at byte ${end} of the data, but the file has only ${dataBytes}; it was cut short: copy or download it again`,
        { tensor: name },
      );
    position = end;
  }
  if (position !== dataBytes)
    throw new CheckpointError(
      file,
      `has ${dataBytes - position} bytes behind its last tensor; it is damaged: copy or download it again`,
    );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
