import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { decodeWav } from "@hawksbill/audio";
import { beforeAll, expect, test } from "vitest";
import { type Outcome, oneThread, runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";

const { path } = scratch();
const story = "# Hello\n\nHello there, you. Who is it?\n";
beforeAll(() => writeFile(path("story.md"), story));

function read(out: string, more: readonly string[] = [], signal?: AbortSignal): Promise<Outcome> {
  const how = ["--model", path("model"), "--voice", path("voice"), "--split", "10,20"];
  const made = ["--max-codes", "8", "--retries", "0", ...oneThread];
  return runCli(["read", path("story.md"), "--out", path(out), ...how, ...made, ...more], signal);
}

/** What was spoken now, of what `--json` tells. */
function spoken({ out }: Outcome): number[] {
  const events = out.trim().split("\n");
  return events.flatMap((line) => {
    const { type, number } = JSON.parse(line);
    return type === "piece" ? [number] : [];
  });
}

test("writes a file for each piece, one with all, and subtitles", async () => {
  const { code, out, error } = await read("whole");

  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out).toMatch(/story\.wav: .* of speech in 3 pieces\n$/);
  expect((await readdir(path("whole"))).sort()).toEqual([
    ...["0001.wav", "0002.wav", "0003.wav"],
    ...["reading.json", "story.srt", "story.vtt", "story.wav"],
  ]);
  const lengthOf = async (name: string): Promise<number> =>
    decodeWav(await readFile(path(`whole/${name}`))).channels[0]?.length ?? 0;
  const [one, two, three] = [
    await lengthOf("0001.wav"),
    await lengthOf("0002.wav"),
    await lengthOf("0003.wav"),
  ];
  const silence = Math.round(0.6 * 22_050) + Math.round(0.2 * 22_050);
  expect(await lengthOf("story.wav")).toBe(one + two + three + silence);
  expect(await readFile(path("whole/story.srt"), "utf8")).toMatch(
    /^1\n00:00:00,000 --> [\d:,]+\nHello\.\n\n2\n[\d:,]+ --> [\d:,]+\nHello there, you\.\n\n3\n/,
  );
});

test("does not speak again what is done, unless it was changed or is asked for", async () => {
  expect(spoken(await read("again", ["--json"]))).toEqual([1, 2, 3]);
  const second = await readFile(path("again/0002.wav"));
  expect(spoken(await read("again", ["--json"]))).toEqual([]);
  expect(spoken(await read("again", ["--json", "--regenerate", "2"]))).toEqual([2]);
  expect(await readFile(path("again/0002.wav"))).not.toEqual(second);
  await rm(path("again/0003.wav"));
  expect(spoken(await read("again", ["--json"]))).toEqual([3]);
  await writeFile(path("story.md"), story.replace("Who is it", "Who are you"));
  expect(spoken(await read("again", ["--json"]))).toEqual([3]);
  await writeFile(path("story.md"), story);
  expect(spoken(await read("again", ["--json", "--seed", "5"]))).toEqual([1, 2, 3]);
  const before = new Date(0); // As if another model were in its place.
  await utimes(path("model/unified-voice.safetensors"), before, before);
  expect(spoken(await read("again", ["--json", "--seed", "5"]))).toEqual([1, 2, 3]);
});

test("greedy, refuses what only other seeds could change", async () => {
  const greedy = await read("greedy", ["--greedy"]); // `read` gives --retries.
  expect(greedy).toMatchObject({
    code: 1,
    error: "error: option '--greedy' cannot be used with option '--retries <n>'\n",
  });
});

test("pieces that are done move where their text moves, and leave with it", async () => {
  await writeFile(path("story.md"), story);
  await read("moved");
  const second = await readFile(path("moved/0002.wav"));
  await writeFile(path("story.md"), story.replace("Hello there", "Where? Hello there"));
  expect(spoken(await read("moved", ["--json"]))).toEqual([2]);
  expect(await readFile(path("moved/0003.wav"))).toEqual(second);
  await writeFile(path("story.md"), story);
  expect(spoken(await read("moved", ["--json"]))).toEqual([]);
  expect(await readFile(path("moved/0002.wav"))).toEqual(second);
  expect((await readdir(path("moved"))).sort()).toEqual([
    ...["0001.wav", "0002.wav", "0003.wav"],
    ...["reading.json", "story.srt", "story.vtt", "story.wav"],
  ]);
});

test("a document that is called as a piece is does not take its place", async () => {
  await writeFile(path("0001.txt"), "Hello. | Who is it?");
  const how = ["--model", path("model"), "--voice", path("voice"), "--max-codes", "8"];
  await runCli(["read", path("0001.txt"), "--out", path("numbered"), ...how, ...oneThread]);

  expect((await readdir(path("numbered"))).sort()).toEqual([
    ...["0001-whole.srt", "0001-whole.vtt", "0001-whole.wav"],
    ...["0001.wav", "0002.wav", "reading.json"],
  ]);
});

test("Ctrl-C keeps what is done, and the same command goes on", async () => {
  const controller = new AbortController();
  const reading = read("stopped", ["--json"], controller.signal);
  const done = setInterval(async () => {
    const names: string[] = await readdir(path("stopped")).catch(() => []);
    if (names.includes("reading.json")) controller.abort();
  }, 5);
  const { code, error } = await reading;
  clearInterval(done);

  expect(code).toBe(130);
  const [, kept] = /^Stopped\. (\d) of 3 pieces are done/.exec(error) ?? [];
  expect(Number(kept)).toBeGreaterThan(0);
  expect(spoken(await read("stopped", ["--json"])).length).toBe(3 - Number(kept));
});

test("says which pieces have flaws", async () => {
  const { out } = await read("flawed", ["--temperature", "3", "--max-codes", "1"]);

  expect(out).toContain(
    "Warning: 0002.wav: the model did not end it by itself, and it was cut; try it again with --regenerate 2, or cut its text\n",
  );
});

test.each([
  ["a piece that is not there", ["--regenerate", "4"], "--regenerate 4: the text has 3 pieces"],
  ["piece 0", ["--regenerate", "0"], "Give numbers of pieces, from 1 on."],
  ["lengths that cross", ["--split", "9,3"], "Give two whole numbers, the first no larger"],
])("refuses %s", async (_, more, words) => {
  expect((await read("refused", more)).error).toContain(words);
});

test("names what cannot be spoken before it speaks; passing over it keeps what is done", async () => {
  const strange = "# Hello\n\nHello there, you. Who is # it?\n";
  await writeFile(path("story.md"), strange);
  const refused = await read("strange", ["--json"]);
  expect(refused.error).toContain(
    `Error: ${path("story.md")}: 1 piece cannot be spoken:\n  piece 3: Tokenizer.encode: outside the vocabulary: "#"`,
  );
  expect(spoken(refused)).toEqual([]);

  await writeFile(path("story.md"), story);
  expect(spoken(await read("strange", ["--json"]))).toEqual([1, 2, 3]);
  await writeFile(path("story.md"), strange);
  expect(spoken(await read("strange", ["--json", "--skip-unknown"]))).toEqual([3]);
  await writeFile(path("story.md"), story);
});

test("a document does not take the place of another one", async () => {
  await read("first");
  await writeFile(path("other.txt"), "Who is it?");
  const { error } = await runCli(["read", path("other.txt"), "--out", path("first")]);

  expect(error).toBe(
    `Error: ${path("first")}: is a reading of story.md, which one of other.txt would replace; choose a new folder\n`,
  );
});

test("refuses a folder of something else, and a document without text", async () => {
  expect((await read("voice")).error).toContain("has other files than a reading's");
  await writeFile(path("blank.txt"), " \n");
  const { error } = await runCli(["read", path("blank.txt"), "--out", path("blank")]);
  expect(error).toBe(`Error: ${path("blank.txt")}: has no text to read; give one with words\n`);
});
