import { expect, test } from "vitest";
import { type ByteSource, openCheckpoint } from "../index.js";
import { crc32 } from "./crc32.js";
import { pickle } from "./pickle-writer.js";
import { ZipArchive } from "./zip-archive.js";
import { ZipWriter } from "./zip-writer.js";

/** An archive with holes: parts at their places, zeros between, and no memory for those. */
class Sparse implements ByteSource {
  readonly name = "sparse";
  readonly #parts: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  size = 0;

  add(bytes: Uint8Array, length = bytes.length): void {
    this.#parts.push({ at: this.size, bytes });
    this.size += length;
  }

  async read(begin: number, end: number): Promise<Uint8Array> {
    const result = new Uint8Array(end - begin);
    for (const { at, bytes } of this.#parts) {
      const part = bytes.subarray(Math.max(0, begin - at), Math.max(0, end - at));
      if (part.length > 0) result.set(part, Math.max(0, at - begin));
    }
    return result;
  }
}

test("entries and archives over 4 GB are written and read by 64-bit fields", async () => {
  const source = new Sparse();
  const zip = new ZipWriter();
  const huge = 5e9;
  source.add(zip.header("archive/huge", huge, 0));
  source.add(new Uint8Array(), huge);
  const { bytes } = pickle({ step: 5 }, "test");
  source.add(zip.header("archive/data.pkl", bytes.length, crc32(bytes)));
  source.add(bytes);
  source.add(zip.end());

  const archive = await ZipArchive.open(source);
  expect(archive.entries.get("archive/huge")).toMatchObject({ bytes: huge, storedBytes: huge });
  expect(archive.entries.get("archive/data.pkl")?.headerOffset).toBeGreaterThan(huge);
  expect((await openCheckpoint(source)).values).toEqual({ step: 5 });
});

test("data begins at multiples of 64, for torch to map it", async () => {
  const source = new Sparse();
  const zip = new ZipWriter();
  for (const name of ["a", "a longer name", "ü"]) {
    source.add(zip.header(name, 5, 0));
    source.add(new Uint8Array(5));
  }
  source.add(zip.end());
  const archive = await ZipArchive.open(source);
  for (const entry of archive.entries.values())
    expect((await archive.dataOffset(entry)) % 64).toBe(0);
  expect([...archive.entries.keys()]).toEqual(["a", "a longer name", "ü"]);
});
