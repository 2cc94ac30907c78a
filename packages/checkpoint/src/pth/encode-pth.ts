import type { Tensor, Tree } from "@hawksbill/core";
import { bytesOf } from "../encode-safetensors.js";
import { crc32 } from "./crc32.js";
import { metadataEntry } from "./metadata-entry.js";
import { pickle } from "./pickle-writer.js";
import { ZipWriter } from "./zip-writer.js";

/**
 * A checkpoint as the bytes of a .pth file, which `torch.load(..., weights_only=True)` reads.
 *
 * Whole numbers become Python's int, others float; objects become dicts, in which `undefined` is left out.
 *
 * @param tree Tensors on the host, by name, nested as you like among numbers and texts. A tensor that is there twice
 *   is stored once.
 * @param metadata Anything to know about it, as strings: beside the tensors, so that `torch.load` gives the tree alone.
 * @throws {CheckpointError} It holds something else.
 */
export function encodePth(tree: Tree, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const zip = new ZipWriter();
  const parts = pthEntries(tree, metadata, "encodePth").flatMap(({ name, content }) => {
    const data = content instanceof Uint8Array ? content : bytesOf(content.dataSync());
    return [zip.header(name, data.length, crc32(data)), data];
  });
  return concat([...parts, zip.end()]);
}

/**
 * The parts of the same file one by one; each tensor is fetched when its turn comes.
 *
 * @param checksum The platform's own `crc32`, where it has one.
 */
export async function* pthParts(
  tree: Tree,
  metadata: Readonly<Record<string, string>>,
  file: string,
  checksum: (bytes: Uint8Array) => number,
): AsyncGenerator<Uint8Array> {
  const zip = new ZipWriter();
  for (const { name, content } of pthEntries(tree, metadata, file)) {
    const data = content instanceof Uint8Array ? content : bytesOf(await content.data());
    yield zip.header(name, data.length, checksum(data));
    yield data;
  }
  yield zip.end();
}

interface PthEntry {
  readonly name: string;
  readonly content: Uint8Array | Tensor;
}

/** In the order in which torch writes them. */
function pthEntries(
  tree: Tree,
  metadata: Readonly<Record<string, string>>,
  file: string,
): PthEntry[] {
  const { bytes, tensors } = pickle(tree, file);
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  return [
    { name: "archive/data.pkl", content: bytes },
    { name: "archive/byteorder", content: text("little") },
    ...(Object.keys(metadata).length > 0
      ? [{ name: `archive/${metadataEntry}`, content: text(JSON.stringify(metadata)) }]
      : []),
    ...tensors.map((content, key) => ({ name: `archive/data/${key}`, content })),
    { name: "archive/version", content: text("3\n") },
  ];
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
