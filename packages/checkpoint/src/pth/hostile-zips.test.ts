/// <reference types="node" />
import { deflateSync } from "fflate";
import { expect, test } from "vitest";
import { problemOf } from "../../test/problem-of.js";
import { encodePth } from "../index.js";
import { crc32 } from "./crc32.js";
import { pickle } from "./pickle-writer.js";
import { ZipWriter } from "./zip-writer.js";

const letters = (text: string): Uint8Array => new TextEncoder().encode(text);
const stepPickle = pickle({ step: 1 }, "test").bytes;

/** An archive of these entries, in the words of ours. */
function zip(entries: readonly (readonly [name: string, data: Uint8Array])[]): Uint8Array {
  const writer = new ZipWriter();
  const parts = entries.flatMap(([name, data]) => [
    writer.header(name, data.length, crc32(data)),
    data,
  ]);
  return new Uint8Array(Buffer.concat([...parts, writer.end()]));
}

/** As it is, or with more. */
const archive = (...more: (readonly [name: string, data: Uint8Array])[]): Uint8Array =>
  zip([["m/data.pkl", stepPickle], ...more]);

/** The same archive with other numbers in it. */
function changed(
  bytes: Uint8Array,
  change: (view: DataView, directory: number, end: number) => void,
) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - 22;
  change(view, view.getUint32(end + 16, true), end);
  return bytes;
}

/** A packed pickle which is said to unpack to so many bytes. */
function packed(content: Uint8Array, saidBytes: number): Uint8Array {
  const data = deflateSync(content);
  return changed(zip([["m/data.pkl", data]]), (view, directory) => {
    view.setUint16(directory + 10, 8, true);
    view.setUint32(directory + 16, crc32(content), true);
    view.setUint32(directory + 24, saidBytes, true);
  });
}

function hugeDirectory(): Uint8Array {
  const bytes = new Uint8Array(
    Buffer.concat([archive(), new Uint8Array(10e6), zip([]).slice(-22)]),
  );
  return changed(bytes, (view, _, end) => {
    view.setUint16(end + 10, 1, true);
    view.setUint32(end + 12, 10_000_001, true);
  });
}

const pkl = 'm.pth: "m/data.pkl"';
const outside = "names a place outside the archive; do not trust this file";
const bomb = new Uint8Array(20_000_000);

test.each<[fact: string, bytes: () => Uint8Array, message: string]>([
  ["an archive that is right", () => archive(), "none"],
  ["a packed archive that is right", () => packed(stepPickle, stepPickle.length), "none"],
  [
    "a path to the root",
    () => archive(["/etc/passwd", stepPickle]),
    `m.pth: "/etc/passwd" ${outside}`,
  ],
  ["a path upwards", () => archive(["m/../../x", stepPickle]), `m.pth: "m/../../x" ${outside}`],
  [
    "a path of Windows",
    () => archive(["m\\..\\x", stepPickle]),
    `m.pth: "m\\\\..\\\\x" ${outside}`,
  ],
  ["a drive", () => archive(["C:x", stepPickle]), `m.pth: "C:x" ${outside}`],
  [
    "a name with a zero",
    () => archive(["m/a\0.pkl", stepPickle]),
    `m.pth: "m/a\\u0000.pkl" ${outside}`,
  ],
  [
    "an entry twice",
    () => archive(["m/data.pkl", stepPickle]),
    `${pkl} is in the archive twice; do not trust this file`,
  ],
  [
    "no pickle",
    () => zip([["m/readme", letters("hi")]]),
    "m.pth: is a zip file with 0 data.pkl, expected one; if there are files to use in it, unpack it first",
  ],
  [
    "two pickles",
    () => archive(["n/data.pkl", stepPickle]),
    "m.pth: is a zip file with 2 data.pkl, expected one; if there are files to use in it, unpack it first",
  ],
  [
    "other bytes first",
    () => archive(["m/byteorder", letters("big")]),
    'm.pth: "m/byteorder" is "big", expected "little"; load it and save it again on another machine',
  ],
  [
    "a wrong checksum",
    () => changed(archive(), (view, directory) => view.setUint32(directory + 16, 7, true)),
    `${pkl} does not match its checksum; it is damaged: copy or download it again`,
  ],
  [
    "an encrypted entry",
    () => changed(archive(), (view, directory) => view.setUint16(directory + 8, 1, true)),
    `${pkl} is encrypted; write the file again without`,
  ],
  [
    "another compression",
    () => changed(archive(), (view, directory) => view.setUint16(directory + 10, 14, true)),
    `${pkl} is compressed by method 14; write the file again without`,
  ],
  [
    "two sizes of one",
    () => changed(archive(), (view, directory) => view.setUint32(directory + 24, 9, true)),
    `${pkl} is said to have both 9 and ${stepPickle.length} bytes; the file is damaged`,
  ],
  [
    "sizes that reach into the directory",
    () =>
      changed(archive(), (view, directory) =>
        [20, 24].map((at) => view.setUint32(directory + at, 100, true)),
      ),
    `${pkl} has 100 bytes at 0 and overlaps the directory; the file is damaged`,
  ],
  [
    "entries in one another",
    () =>
      changed(archive(["m/data/0", stepPickle]), (view, directory) =>
        view.setUint32(directory + 46 + "m/data.pkl".length + 42, 4, true),
      ),
    `${pkl} has ${stepPickle.length} bytes at 0 and overlaps "m/data/0"; the file is damaged`,
  ],
  [
    "a header of another entry",
    () => changed(archive(), (view) => view.setUint8(30, 120)),
    `${pkl} has a header that is not the one in the directory; the file is damaged`,
  ],
  [
    "a header that reaches too far",
    () => changed(archive(), (view) => view.setUint16(28, 9999, true)),
    `${pkl} ends at byte ${40 + 9999 + stepPickle.length}, behind 84 where the next begins`,
  ],
  [
    "more entries than there are",
    () => changed(archive(), (view, _, end) => view.setUint16(end + 10, 2, true)),
    "m.pth: has a zip directory of 2 entries in 56 bytes at 84, which does not fit its 162 bytes; it is damaged",
  ],
  [
    "a directory behind the end",
    () => changed(archive(), (view, _, end) => view.setUint32(end + 16, 5000, true)),
    "m.pth: has a zip directory of 1 entries in 56 bytes at 5000, which does not fit its 162 bytes; it is damaged",
  ],
  [
    "a damaged directory",
    () => changed(archive(), (view, directory) => view.setUint8(directory, 0)),
    "m.pth: has a damaged directory at entry 0 of 1",
  ],
  [
    "a name beyond the directory",
    () => changed(archive(), (view, directory) => view.setUint16(directory + 28, 999, true)),
    "m.pth: has a damaged directory at entry 0 of 1",
  ],
  [
    "no directory",
    () => archive().subarray(0, 150),
    "m.pth: has no zip directory at its end; it was cut short: copy or download it again",
  ],
  [
    "what unpacks to too much",
    () => packed(bomb, bomb.length),
    `${pkl} would unpack from ${deflateSync(bomb).length} to 20000000 bytes; no weights shrink so`,
  ],
  [
    "what unpacks to more than said",
    () => packed(bomb, 10),
    `${pkl} unpacks to more than its 10 bytes; the file is damaged`,
  ],
  [
    "what unpacks to less than said",
    () => packed(stepPickle, 99),
    `${pkl} unpacks to ${stepPickle.length} bytes, expected 99; it is damaged`,
  ],
  [
    "what cannot be unpacked",
    () => changed(archive(), (view, directory) => view.setUint16(directory + 10, 8, true)),
    `${pkl} cannot be unpacked; the file is damaged`,
  ],
  [
    "a huge pickle",
    () => zip([["m/data.pkl", new Uint8Array(32_000_001)]]),
    `${pkl} has 32000001 bytes, over the limit of 32000000; no checkpoint needs so many`,
  ],
  [
    "a huge directory",
    () => hugeDirectory(),
    "m.pth: has a zip directory of 10000001 bytes, over the limit of 10000000; no checkpoint needs one",
  ],
])("%s is read or refused", async (_, bytes, message) => {
  expect(await problemOf(bytes())).toBe(message);
});

test("numbers of 64 bits that lie are refused", async () => {
  const writer = new ZipWriter();
  writer.header("m/huge", 5e9, 0); // As if the 5 GB were there.
  const bytes = new Uint8Array(Buffer.concat([encodePth({}), writer.end()]));
  expect(await problemOf(bytes)).toBe("m.pth: has a damaged zip64 directory; copy it again");
});

test("a TAR archive is known", async () => {
  const bytes = new Uint8Array(1024);
  bytes.set(letters("ustar"), 257);
  expect(await problemOf(bytes)).toBe(
    "m.pth: is a TAR archive, as torch before 0.1.10 wrote; load it in Python and save it again",
  );
});
