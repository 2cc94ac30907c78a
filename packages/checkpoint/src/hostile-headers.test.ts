/// <reference types="node" />
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { openCheckpoint } from "./index.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A safetensors file with this header and no data. */
function file(header: string): Uint8Array {
  const bytes = Buffer.alloc(8 + header.length);
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.write(header, 8, "latin1");
  return bytes;
}

const many = (piece: (i: number) => string, count: number): string =>
  Array.from({ length: count }, (_, i) => piece(i)).join();
const deep =
  "has a header with more than lists in objects in an object; it is damaged, or made to deceive";

test.each<[fact: string, header: string, message: string]>([
  ["lists in lists", `{"x":{"shape":${"[".repeat(9_900_000)}`, deep],
  ["objects in objects", '{"":'.repeat(2_400_000), deep],
  ["objects in lists", `{"x":{"shape":[${"{},".repeat(3_000_000)}`, deep],
  [
    "a text without end",
    `{"${"x".repeat(9_900_000)}`,
    "has a header that is not JSON; it is damaged",
  ],
  [
    "long shapes",
    `{"x":{"dtype":"U8","data_offsets":[0,0],"shape":[${"9,".repeat(4_900_000)}0]}}`,
    '"x" is U8 of 4900001 axes; the file is damaged',
  ],
  [
    "many names for nothing",
    `{${many((i) => `"${i}":{}`, 700_000)}}`,
    "describes more than 100000 tensors; no checkpoint needs so many",
  ],
  [
    "many empty tensors",
    `{${many((i) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, 150_000)}}`,
    "describes more than 100000 tensors; no checkpoint needs so many",
  ],
  [
    "a header of 11 MB",
    " ".repeat(11_000_000),
    "asks for a header of 11000000 bytes, over the limit of 10000000",
  ],
])("refuses %s within a second and 200 MB", async (_, header, message) => {
  const bytes = file(header);
  collectGarbage();
  const memory = process.memoryUsage.rss();
  const start = process.cpuUsage();
  await expect(openCheckpoint(bytes, { name: "m" })).rejects.toThrow(`m: ${message}`);
  const { user, system } = process.cpuUsage(start);
  expect(user + system).toBeLessThan(1e6);
  expect(process.resourceUsage().maxRSS * 1024 - memory).toBeLessThan(200e6);
});
