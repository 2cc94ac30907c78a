import { tensor } from "@hawksbill/core";
import { describe, expect, test } from "vitest";
import { CheckpointError, decodeSafetensors, encodeSafetensors } from "./index.js";

/** A file of this header (text, or JSON to be) and so many bytes of data. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = typeof header === "string" ? header : JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

/** What is said about a file. */
function problem(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, "m.safetensors");
  } catch (error) {
    if (error instanceof CheckpointError) return error.message;
    throw error;
  }
  return "none";
}

const x = (part: object) => ({ x: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...part } });

test("copies data that is not aligned", () => {
  const bytes = file('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} ', 4);
  bytes.set([0, 0, 0, 64], bytes.length - 4);

  const { tensors } = decodeSafetensors(bytes);

  expect(bytes.length % 4).not.toBe(0);
  expect(tensors.x?.dataSync()).toEqual(Float32Array.of(2));
});

test("reads bytes that lie inside a larger buffer", () => {
  const bytes = encodeSafetensors({ x: tensor([1, 2]) });
  const inside = new Uint8Array(bytes.length + 3).subarray(3);
  inside.set(bytes);

  expect(decodeSafetensors(inside).tensors.x?.dataSync()).toEqual(Float32Array.of(1, 2));
});

test("says which file and which tensor", () => {
  const error = new CheckpointError("m.safetensors", "is wrong", { tensor: "x" });

  expect(error).toMatchObject({ name: "CheckpointError", file: "m.safetensors", tensor: "x" });
  expect(error.message).toBe('m.safetensors: "x" is wrong');
});

describe("refuses", () => {
  test.each<[fact: string, bytes: Uint8Array, message: string]>([
    [
      "an empty file",
      new Uint8Array(),
      "has 0 bytes, too few for a safetensors file; copy or download it again",
    ],
    [
      "a header longer than the file",
      Uint8Array.of(100, 0, 0, 0, 0, 0, 0, 0, 123),
      "asks for a header of 100 bytes, but has only 9 bytes; it was cut short, or is not a safetensors file",
    ],
    [
      "a header longer than any model needs",
      new Uint8Array(8).fill(255),
      "asks for a header of 18446744073709552000 bytes, over the limit of 10000000; it is damaged, or not a safetensors file",
    ],
    [
      "a .pth file",
      new TextEncoder().encode("PK\x03\x04 archive/data.pkl"),
      "is a zip file, as torch.save writes (.pth); read it with openCheckpoint",
    ],
    [
      "a Git LFS pointer",
      new TextEncoder().encode("version https://git-lfs.github.com/spec/v1"),
      "is a Git LFS pointer, not the file itself; fetch it with git lfs pull",
    ],
    [
      "a web page",
      new TextEncoder().encode("<!DOCTYPE html>"),
      "is a web page; download the file itself, not the page about it",
    ],
    ["a header that is not JSON", file('{"x":'), "has a header that is not JSON; it is damaged"],
    ["blanks first", file(" {}"), "has a header that is not a JSON object; it is damaged"],
    ["a list", file([]), "has a header that is not a JSON object; it is damaged"],
    [
      "a header with more inside than a header has",
      file('{"x":{"shape":[[1]]}}'),
      "has a header with more than lists in objects in an object; it is damaged, or made to deceive",
    ],
    [
      "metadata that is not text",
      file({ __metadata__: { step: 1 } }),
      "has metadata that is not a map from strings to strings",
    ],
    [
      "a tensor without a description",
      file({ x: 1 }),
      '"x" is not described by dtype, shape and data_offsets',
    ],
    [
      "an unknown dtype",
      file(x({ dtype: "F8_E4M3" }), 8),
      '"x" has dtype "F8_E4M3"; convert it to one of F32, F16, I64, I32, BOOL, U8, I8, F64, BF16, I16',
    ],
    [
      "a dtype that every object has",
      file(x({ dtype: "constructor" }), 8),
      '"x" has dtype "constructor"; convert it to one of F32, F16, I64, I32, BOOL, U8, I8, F64, BF16, I16',
    ],
    [
      "a negative length",
      file(x({ shape: [-2] }), 8),
      '"x" has a shape that is not a list of whole numbers',
    ],
    [
      "a length that is not whole",
      file(x({ shape: [2.5] }), 8),
      '"x" has a shape that is not a list of whole numbers',
    ],
    [
      "three offsets",
      file(x({ data_offsets: [0, 4, 8] }), 8),
      '"x" has data_offsets that are not two whole numbers',
    ],
    [
      "a shape of another size than the data",
      file(x({ shape: [3] }), 8),
      '"x" is F32 [3], which takes 12 bytes, but has 8; the file is damaged',
    ],
    [
      "a shape whose size overflows",
      file(x({ shape: [2 ** 40, 2 ** 40] }), 8),
      '"x" is F32 [1099511627776, 1099511627776], which takes 4.835703278458517e+24 bytes, but has 8; the file is damaged',
    ],
    [
      "offsets that run backwards",
      file(x({ data_offsets: [8, 0] }), 8),
      '"x" is F32 [2], which takes 8 bytes, but has -8; the file is damaged',
    ],
    [
      "data that is cut short",
      file(x({}), 7),
      '"x" ends at byte 8 of the data, but the file has only 7; it was cut short: copy or download it again',
    ],
    [
      "bytes behind the data",
      file(x({}), 9),
      "has 1 bytes behind its last tensor; it is damaged: copy or download it again",
    ],
    [
      "a gap before the data",
      file(x({ data_offsets: [4, 12] }), 12),
      '"x" begins at byte 4 of the data, expected 0: it has a gap before it; the file is damaged',
    ],
    [
      "tensors that overlap",
      file({ ...x({}), y: { dtype: "U8", shape: [4], data_offsets: [4, 8] } }, 8),
      '"y" begins at byte 4 of the data, expected 8: it overlaps the tensor before it; the file is damaged',
    ],
    [
      "a name that is there twice",
      file(
        '{"\\u0078":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        1,
      ),
      '"x" is in the header twice; write the file again',
    ],
    [
      "a BOOL that is neither 0 nor 1",
      file({ x: { dtype: "BOOL", shape: [1], data_offsets: [0, 1] } }, 1).fill(2, -1),
      '"x" is BOOL but has bytes other than 0 and 1; it is damaged',
    ],
  ])("%s", (_, bytes, message) => {
    expect(problem(bytes)).toBe(`m.safetensors: ${message}`);
  });

  test("a header that is not UTF-8", () => {
    const bytes = file('{"ø":1}');
    bytes[11] = 0xff;

    expect(problem(bytes)).toBe("m.safetensors: has a header that is not UTF-8; it is damaged");
  });

  test("a name too long to print, with a message that is not", () => {
    expect(problem(file({ ["x".repeat(10_000)]: 1 })).length).toBeLessThan(300);
  });
});
