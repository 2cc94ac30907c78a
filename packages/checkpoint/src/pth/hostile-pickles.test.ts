/// <reference types="node" />
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { problemOf } from "../../test/problem-of.js";
import { crc32 } from "./crc32.js";
import { ZipWriter } from "./zip-writer.js";

/** A .pth file with this pickle, written as the letters of its bytes, and one storage of 24 bytes, "0". */
function pth(pickle: string): Uint8Array {
  const zip = new ZipWriter();
  const entries = { "m/data.pkl": letters(pickle), "m/data/0": new Uint8Array(24) };
  const parts = Object.entries(entries).flatMap(([name, data]) => [
    zip.header(name, data.length, crc32(data)),
    data,
  ]);
  return new Uint8Array(Buffer.concat([...parts, zip.end()]));
}

function letters(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const said = (what: string): string => `m.pth: "m/data.pkl" ${what}`;
const notListed = (name: string): string =>
  said(
    `asks for "${name}", which is not on the list of what checkpoints need; nothing was run. If you trust the file, load it in Python and save only its state_dict()`,
  );

const text = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
const call = (module: string, name: string, argument = "touch hacked"): string =>
  `\x80\x02c${module}\n${name}\n${text(argument)}\x85R.`;

describe("runs nothing", () => {
  test.each([
    ["os", "system"],
    ["posix", "system"],
    ["nt", "system"],
    ["subprocess", "Popen"],
    ["builtins", "eval"],
    ["__builtin__", "exec"],
    ["builtins", "getattr"],
    ["builtins", "__import__"],
    ["runpy", "_run_code"],
    ["torch", "load"],
    ["torch.hub", "load"],
    ["torch._utils", "_rebuild_tensor_v2.__globals__"],
    ["torch._utils._rebuild_tensor_v2", "__globals__"],
    ["numpy.f2py.capi_maps", "eval"],
    ["collections", "constructor"],
    ["constructor", "constructor"],
  ])("of %s.%s", async (module, name) => {
    const full = `${module.replace("__builtin__", "builtins")}.${name}`;
    expect(await problemOf(pth(call(module, name)))).toBe(notListed(full));
    // The same by STACK_GLOBAL, by OBJ behind GLOBAL, and in a dict's value.
    const stacked = `\x80\x04${text(module)}${text(name)}\x93).`;
    expect(await problemOf(pth(stacked))).toBe(notListed(full));
    expect(await problemOf(pth(`\x80\x02}(${text("a")}c${module}\n${name}\n)Ru.`))).toBe(
      notListed(full),
    );
  });

  test.each([
    ["INST", "\x80\x02(ios\nsystem\n."],
    ["OBJ", "\x80\x02(o."],
    ["EXT1", "\x80\x02\x82\x01."],
    ["NEWOBJ_EX", "\x80\x04N)}\x92."],
    ["NEXT_BUFFER", "\x80\x05\x97."],
  ])("of the instruction %s", async (name, pickle) => {
    expect(await problemOf(pth(pickle))).toMatch(`has the instruction ${name} at byte `);
  });

  test.each([
    ["a storage", "\x80\x02ctorch\nFloatStorage\n)R.", "calls torch.FloatStorage, which no"],
    ["a text", `\x80\x02${text("eval")})R.`, "calls something that is no function, which no"],
    ["a type", "\x80\x02cbuiltins\nlist\n)R.", "calls builtins.list, which no"],
    ["a text as arguments", `\x80\x02ctorch\nSize\n${text("a")}R.`, "calls without arguments"],
    ["a __setstate__", "\x80\x02ctorch\nSize\n}b.", "sets attributes of something that has none"],
  ])("when a pickle calls %s", async (_, pickle, message) => {
    expect(await problemOf(pth(pickle))).toContain(said(message));
  });
});

const fill = (piece: string, times: number): string => piece.repeat(times);
const tooMuch = "would take over 100 MB besides its tensors; no checkpoint needs that";
/** A list of ten of the list before, so many times: ten to that power of leaves. */
const laughs = (depth: number): string =>
  `\x80\x02](${fill("K\x01", 10)}eq\0${fill(`](${fill("h\0", 10)}eq\0`, depth)}.`;

describe("takes little time and memory for", () => {
  test.each([
    [
      "lists in lists",
      `\x80\x02${fill("](", 300_000)}${fill("e", 300_000)}.`,
      "has more than 64 lists",
    ],
    ["tuples in tuples", `\x80\x02)${fill("\x85", 300_000)}.`, "has more than 64 lists"],
    ["endless lists", `\x80\x02${fill("](", 500_000)}`, tooMuch],
    [
      "a list in itself",
      "\x80\x02]q\0h\0a.",
      "has more than 64 lists and dicts within one another",
    ],
    ["billions of laughs", laughs(12), "has more than 500000 values"],
    ["empty dicts", `\x80\x02](${fill("}", 500_000)}e.`, tooMuch],
    ["tensors", `\x80\x02](${tensor()}q\0${fill("h\0", 50_000)}e.`, "has more than 50000 tensors"],
    ["values", `\x80\x02](${fill("N", 500_001)}e.`, "has more than 500000 values"],
    ["memo entries", `\x80\x04N${fill("\x94", 1_000_000)}.`, tooMuch],
    ["values that are thrown away", `\x80\x02${fill("N0", 2_200_000)}N.`, tooMuch],
    [
      "copies of a long list",
      `\x80\x02](${fill("K\x01", 100_000)}eq\x000${fill("cbuiltins\nset\nh\0\x85R0", 100)}N.`,
      tooMuch,
    ],
    [
      "long names within one another",
      `\x80\x02X\xff\xff\0\0${fill("a", 65_535)}q\x000}(h\0}(h\0Nuu.`,
      "has more than 4096 letters in a name",
    ],
    ["a whole number of 4 GB", "\x80\x02\x8b\xff\xff\xff\xff.", "has a whole number of 4294967295"],
    ["a text of 2^63 bytes", `\x80\x04\x8d${fill("\xff", 8)}.`, "ends in the middle; it was cut"],
    ["a text that is not there", "\x80\x02X\xff\xff\xff\x7f.", "ends in the middle; it was cut"],
    ["a name without end", `\x80\x02c${fill("a", 1000)}`, "ends inside a name; it was cut short"],
  ])("%s", async (_, pickle, message) => {
    const bytes = pth(pickle);
    collectGarbage();
    const before = process.memoryUsage.rss();
    expect(await problemOf(bytes)).toContain(message);
    expect(process.resourceUsage().maxRSS * 1024 - before).toBeLessThan(200e6);
  });
});

describe("refuses", () => {
  test.each([
    ["nothing", "", "ends in the middle; it was cut short"],
    ["an empty stack", "\x80\x02.", "takes more values than it has; it is damaged"],
    ["a reach into an outer group", "\x80\x02N(\x85.", "takes more values than it has"],
    ["the end of no group", "\x80\x02t.", "ends a group that has not begun; it is damaged"],
    ["what was not remembered", "\x80\x02h\x07.", "refers to value 7, which it has not"],
    ["appending to nothing", "\x80\x02}Na.", "appends to no list; it is damaged"],
    ["items of no dict", "\x80\x02]NNs.", "sets items of no dict; it is damaged"],
    ["a dict of half an item", "\x80\x02}(Nu.", "sets items of no dict; it is damaged"],
    ["text that is not UTF-8", "\x80\x02X\x01\0\0\0\xff.", "has a text that is not UTF-8"],
    ["protocol 6", "\x80\x06N.", "is of pickle protocol 6; expected 2 to 5"],
    ["a name that is no text", "\x80\x04NN\x93.", "asks for a name that is no text; it is damaged"],
    ["a dict as a key", "\x80\x02}(})Nu.", "sets items of no dict; it is damaged"],
    ["a list as a key", "\x80\x02}]Ns.", "has a dict whose key is neither text nor number"],
    ["a parameter of nothing", "\x80\x02ctorch._utils\n_rebuild_parameter\n)R.", "has a parameter"],
    [
      "a numpy number of nothing",
      "\x80\x02cnumpy.core.multiarray\nscalar\n)R.",
      "has a numpy number",
    ],
    [
      "a numpy object",
      `\x80\x04cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n${text("O8")}\x85RC\x08${fill("\0", 8)}tR.`,
      'has a numpy number of kind "O8"; save it as a Python number',
    ],
    [
      "a text in another code",
      `\x80\x02c_codecs\nencode\n${text("a")}${text("rot13")}\x86R.`,
      "encodes",
    ],
    [
      "two tensors of one name",
      `\x80\x02}(${text("a.b")}${tensor()}${text("a")}}${text("b")}${tensor()}su.`,
      'has two tensors whose names with dots are "a.b"; rename one',
    ],
  ])("%s", async (_, pickle, message) => {
    expect(await problemOf(pth(pickle))).toContain(message);
  });

  test("every other instruction than torch's, and never with another error", async () => {
    for (let code = 0; code < 256; code++) {
      for (const before of ["", "N", "(", "]", "}N", ")", "h\0"]) {
        const message = await problemOf(pth(`\x80\x02${before}${String.fromCharCode(code)}.`));
        expect(message).toMatch(/^(none$|m\.pth: "m\/data\.pkl" )/);
      }
    }
  });
});

interface Parts {
  readonly type?: string;
  readonly key?: string;
  readonly length?: string;
  readonly offset?: string;
  readonly size?: string;
  readonly stride?: string;
}

/** The instructions for a tensor of 6 numbers, [2, 3], or of these parts. */
function tensor(parts: Parts = {}): string {
  const { type = "FloatStorage", key = "0", length = "K\x06", offset = "K\0" } = parts;
  const { size = "K\x02K\x03\x86", stride = "K\x03K\x01\x86" } = parts;
  const storage = `(${text("storage")}ctorch\n${type}\n${text(key)}${text("cpu")}${length}tQ`;
  return `ctorch._utils\n_rebuild_tensor_v2\n(${storage}${offset}${size}${stride}\x89NtR`;
}

describe("refuses a tensor", () => {
  const huge = `\x8a\x08${fill("\xff", 6)}\x1f\0`; // 2^53 - 1
  const beyond = `\x8a\x09${fill("\xff", 8)}\0`; // 2^64 - 1
  const minus = "J\xff\xff\xff\xff"; // -1
  const at = (what: string): string => `m.pth: "x" in "m/data/0" ${what}`;
  test.each<[fact: string, parts: Parts, message: string]>([
    ["that is right", {}, "none"],
    [
      "that begins too late",
      { offset: "K\x01" },
      at("is [2, 3] with strides [3, 1] from 1, which reaches element 6 of 6; the file is damaged"),
    ],
    [
      "with strides that reach out",
      { stride: "K\x04K\x01\x86" },
      at("is [2, 3] with strides [4, 1] from 0, which reaches element 6 of 6; the file is damaged"),
    ],
    [
      "with a huge stride",
      { stride: `${huge}K\x01\x86` },
      at(
        "is [2, 3] with strides [9007199254740991, 1] from 0, which reaches element 9007199254740992 of 6; the file is damaged",
      ),
    ],
    [
      "of a huge size",
      { size: `${huge}${huge}\x86`, stride: "K\0K\0\x86" },
      at("repeats 6 elements to make 8.112963841460666e+31; no weights do"),
    ],
    [
      "that repeats one element",
      { size: "J\0\0\0\x40\x85", stride: "K\0\x85" },
      at("repeats 6 elements to make 1073741824; no weights do"),
    ],
    [
      "of more elements than the storage has",
      { length: "K\x07" },
      at("needs 28 bytes (7 of F32), but has 24; the file is damaged"),
    ],
    [
      "of a wider dtype than the storage has",
      { type: "DoubleStorage" },
      at("needs 48 bytes (6 of F64), but has 24; the file is damaged"),
    ],
    [
      "of a negative offset",
      { offset: minus },
      said("has an offset of -1; expected whole numbers from 0"),
    ],
    [
      "of a negative size",
      { size: `${minus}K\x03\x86` },
      said("has a size of -1; expected whole numbers from 0"),
    ],
    [
      "of a negative stride",
      { stride: `K\x03${minus}\x86` },
      said("has a stride of -1; expected whole numbers from 0"),
    ],
    [
      "of a size beyond 2^53",
      { size: `${beyond}\x85`, stride: "K\0\x85" },
      said("has a size of 18446744073709551615; expected whole numbers from 0"),
    ],
    [
      "of half a size",
      { size: `G\x3f\xe0${fill("\0", 6)}\x85`, stride: "K\x01\x85" },
      said("has a size of 0.5; expected whole numbers from 0"),
    ],
    [
      "of fewer strides than sizes",
      { stride: "K\x01\x85" },
      said("has a tensor of 2 sizes and 1 strides; it is damaged"),
    ],
    [
      "of 65 axes",
      { size: `(${fill("K\x01", 65)}t`, stride: `(${fill("K\x01", 65)}t` },
      said("has a tensor of 65 sizes and 65 strides; it is damaged"),
    ],
    [
      "of a missing storage",
      { key: "1" },
      'm.pth: "x" in "m/data/1" is missing; the file is damaged',
    ],
    [
      "of a storage elsewhere",
      { key: "../../etc/passwd" },
      'm.pth: "x" in "m/data/../../etc/passwd" is missing; the file is damaged',
    ],
    [
      "of a negative storage",
      { length: minus },
      said("refers to something else than a torch storage; it is damaged"),
    ],
    [
      "of a dtype that is none",
      { type: "QInt8Storage" },
      said(
        "has a torch.QInt8Storage, which cannot be held; convert it to one of F32, F16, I64, I32, BOOL, U8, I8, F64, BF16, I16",
      ),
    ],
  ])("%s", async (_, parts, message) => {
    expect(await problemOf(pth(`\x80\x02}${text("x")}${tensor(parts)}s.`))).toBe(message);
  });

  test("whose storage another has with another dtype", async () => {
    const both = `${text("x")}${tensor()}${text("y")}${tensor({ type: "IntStorage" })}`;
    expect(await problemOf(pth(`\x80\x02}(${both}u.`))).toBe(
      said('has storage "0" in two kinds; it is damaged'),
    );
  });
});
