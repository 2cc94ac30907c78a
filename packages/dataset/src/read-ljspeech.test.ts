import { describe, expect, test } from "vitest";
import { memoryFiles, problemText, readLJSpeech } from "./index.js";

/** Reads a dataset of this list, with empty files at these paths. */
function read(metadata: string | Uint8Array, paths: readonly string[] = ["wavs/a.wav"]) {
  const audio = Object.fromEntries(paths.map((path) => [path, new Uint8Array()]));
  return readLJSpeech(memoryFiles({ "metadata.csv": metadata, ...audio }, "voice"));
}

/** The paths and texts found, and the problems in words. */
async function summary(...args: Parameters<typeof read>) {
  const { clips, problems } = await read(...args);
  return {
    clips: clips.map(({ path, text }) => `${path}: ${text}`),
    problems: problems.map(problemText),
  };
}

test("reads ids and texts", async () => {
  expect(await read("a|Hello there.\n")).toEqual({
    clips: [{ id: "a", path: "wavs/a.wav", text: "Hello there.", list: "metadata.csv", line: 1 }],
    problems: [],
  });
});

test("takes the normalised text where there is one", async () => {
  const found = await summary("a|Dr. No|Doctor No\nb|Hi||\nc|Hi|\n", [
    "wavs/a.wav",
    "wavs/b.wav",
    "wavs/c.wav",
  ]);

  expect(found).toEqual({
    clips: ["wavs/a.wav: Doctor No", "wavs/c.wav: Hi"],
    problems: [
      'metadata.csv:2: the line has 4 columns, expected 3; take every "|" out of the text',
    ],
  });
});

test("tolerates a byte order mark, any line ends, blank lines and spaces around columns", async () => {
  const paths = ["wavs/a.wav", "wavs/b.wav", "wavs/c.wav"];

  const { clips, problems } = await read("\uFEFFa|A\r\n\r\n  \r b | B \n\nc|C", paths);

  expect(clips.map(({ id, text, line }) => [id, text, line])).toEqual([
    ["a", "A", 1],
    ["b", "B", 4],
    ["c", "C", 6],
  ]);
  expect(problems).toEqual([]);
});

describe("finds audio", () => {
  test.each([
    ["by id in wavs", "a", "wavs/a.wav", "a"],
    ["in another format", "a", "wavs/a.flac", "a"],
    ["by path", "wavs/a.wav", "wavs/a.wav", "a"],
    ["by a path from Windows", ".\\wavs\\a.wav", "wavs/a.wav", "a"],
    ["by name in wavs", "a.wav", "wavs/a.wav", "a"],
    ["beside the list", "a.wav", "a.wav", "a"],
    ["in folders of its own", "sub/more/a", "sub/more/a.wav", "sub/more/a"],
    ["in folders inside wavs", "anna/1", "wavs/anna/1.wav", "anna/1"],
    ["with capitals on the disk", "a", "wavs/A.WAV", "a"],
    ["with spaces and accents", "my clip é ☃", "wavs/my clip é ☃.wav", "my clip é ☃"],
    ["with accents as macOS writes them", "\u00e9", "wavs/e\u0301.wav", "\u00e9"],
    ["with dots in its id", "a.1.clean", "wavs/a.1.clean.wav", "a.1.clean"],
  ])("%s", async (_, first, path, id) => {
    const { clips, problems } = await read(`${first}|text`, [path]);

    expect(problems).toEqual([]);
    expect(clips).toEqual([{ id, path, text: "text", list: "metadata.csv", line: 1 }]);
  });

  test("with the very name where two differ in capitals only", async () => {
    const { clips } = await read("A|one\na|two", ["wavs/a.wav", "wavs/A.wav"]);

    expect(clips.map(({ path }) => path)).toEqual(["wavs/A.wav", "wavs/a.wav"]);
  });
});

describe("says what is wrong", () => {
  const wavs = ["wavs/a.wav", "wavs/b.wav", "wavs/b.flac", "wavs/c.wav"];
  test.each([
    ["no column", "a", 'metadata.csv:1: the line has no "|"; write it as id|text'],
    ["no id", " |text", 'metadata.csv:1: there is no id before the "|"; write the line as id|text'],
    [
      "a | in the text",
      "a|one|two\nb|x\nc|x",
      'metadata.csv:1: the line has 3 columns, expected 2; take every "|" out of the text',
    ],
    [
      "no text",
      "a| ",
      "metadata.csv:1: the text is empty; write what is said, or take the line out",
    ],
    [
      "no file",
      "z|text",
      "metadata.csv:1: wavs/z.wav is missing; add the file, or take the line out",
    ],
    [
      "a path out of the folder",
      "../../etc/passwd|text",
      `metadata.csv:1: "../../etc/passwd" leads out of the dataset's folder; put the file into the folder and name it from there`,
    ],
    [
      "a path out of the folder, as Windows writes it",
      "wavs\\..\\..\\a|text",
      `metadata.csv:1: "wavs\\\\..\\\\..\\\\a" leads out of the dataset's folder; put the file into the folder and name it from there`,
    ],
    [
      "an absolute path",
      "/etc/a.wav|text",
      `metadata.csv:1: "/etc/a.wav" leads out of the dataset's folder; put the file into the folder and name it from there`,
    ],
    [
      "a path on a drive",
      "C:\\a.wav|text",
      `metadata.csv:1: "C:\\\\a.wav" leads out of the dataset's folder; put the file into the folder and name it from there`,
    ],
    [
      "the same clip twice",
      "a|one\n\nwavs/a.wav|two",
      "metadata.csv:3: wavs/a.wav is the clip of line 1 already; keep the line whose text is right",
    ],
    [
      "two clips of one name",
      "b.wav|one\nb.flac|two",
      "metadata.csv:2: wavs/b.flac is the clip of line 1 already; keep the line whose text is right",
    ],
  ])("%s", async (_, metadata, problem) => {
    const { problems } = await summary(metadata, wavs);

    expect(problems[0]).toBe(problem);
  });

  test("a line that is not UTF-8, and reads the others", async () => {
    const found = await summary(
      Uint8Array.of(...[..."a|A\nb|Caf\xe9\nc|C"].map((letter) => letter.charCodeAt(0))),
      ["wavs/a.wav", "wavs/c.wav"],
    );

    expect(found).toEqual({
      clips: ["wavs/a.wav: A", "wavs/c.wav: C"],
      problems: ["metadata.csv:2: the line is not UTF-8; save the file as UTF-8"],
    });
  });

  test("audio that no line names", async () => {
    const paths = ["wavs/a.wav", "wavs/c.wav", "wavs/b.flac", "wavs/.hidden.wav", "wavs/notes.txt"];

    expect((await summary("a|text", paths)).problems).toEqual([
      "wavs/b.flac: no line of metadata.csv names it, nor 1 other audio files; add lines id|text to use them",
    ]);
  });

  test("a folder without a list", async () => {
    const files = memoryFiles({ "list.txt": "", "wavs/a.wav": "" }, "my voice");

    await expect(readLJSpeech(files)).rejects.toThrow(
      'my voice: there is no metadata.csv (found list.txt); write one with a line "id|text" for each wavs/id.wav',
    );
    await expect(readLJSpeech(memoryFiles({}, "my voice"))).rejects.toThrow("(found no files)");
  });

  test("an empty list", async () => {
    await expect(read("\uFEFF\n \n")).rejects.toThrow(
      'voice: metadata.csv is empty; write a line "id|text" for each wavs/id.wav',
    );
  });

  test("a list in UTF-16", async () => {
    await expect(read(Uint8Array.of(0xff, 0xfe, 97, 0, 124, 0))).rejects.toThrow(
      "voice: metadata.csv is UTF-16; save it as UTF-8",
    );
  });
});
