import { readFile, writeFile } from "node:fs/promises";
import { encodeWav } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { runCli } from "../../test/run-cli.js";
import { scratch } from "../../test/scratch.js";
import { hum, writeTinyDataset } from "../../test/tiny-dataset.js";

const { path } = scratch();

function doctor(...args: string[]) {
  return runCli(["doctor", ...args, "--base", path("model")]);
}

/** The events of a command line with --json. */
async function events(...args: string[]) {
  const { out, code } = await doctor(...args, "--json");
  const all: { type: string; fault?: string; id?: string }[] = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { code, all, faults: all.flatMap(({ fault }) => fault ?? []) };
}

test("finds one of each fault that leaves a clip out", async () => {
  const folder = path("mögliche Fehler");
  const silence = { samples: new Float32Array(22_050), sampleRateHz: 22_050 };
  const texts = [
    "ok",
    "ok2",
    "empty",
    "short",
    "long",
    "silent",
    "damaged",
    "noise",
    "nan",
    "unknown",
  ];
  await writeTinyDataset(folder, Object.fromEntries(texts.map((id) => [id, "Hello."])));
  const list = [
    "ok|Hello.",
    "ok2|Hello there.",
    "no bar",
    "../up|Hello.",
    "gone|Hello.",
    "empty|",
    "short|Hello.",
    "long|Hello.",
    "silent|Hello.",
    "damaged|Hello.",
    "noise|Hello.",
    "nan|Hello.",
    "opposite|Hello.",
    "unknown|number # off",
    `much|${"Why? ".repeat(20)}`,
    "ok|Again.",
  ];
  const files: Record<string, Uint8Array | string> = {
    "metadata.csv": list.join("\n"),
    "wavs/short.wav": hum(0.3),
    "wavs/long.wav": hum(12),
    "wavs/silent.wav": encodeWav(silence),
    "wavs/damaged.wav": hum(1).subarray(0, 20_000),
    "wavs/noise.wav": "this is no sound",
    "wavs/nan.wav": withNaN(),
    "wavs/much.wav": hum(1),
    "wavs/opposite.wav": oppositeChannels(),
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(`${folder}/${name}`, content);

  const { code, all, faults } = await events(folder);

  expect(code).toBe(0);
  const leftOut = all.filter(({ type }) => type === "leftOut").map(({ fault }) => fault);
  expect(leftOut).toEqual([
    "bad-line",
    "outside-folder",
    "missing-file",
    "empty-text",
    "too-short",
    "too-long",
    "silent",
    "damaged",
    "unreadable",
    "not-numbers",
    "opposite-channels",
    "unknown-characters",
    "too-much-text",
    "same-clip",
  ]);
  expect(faults).toContain("little-speech");
  expect(all[0]).toMatchObject({ type: "dataset", clips: 2, leftOut: 14 });
});

test("tells people the same in groups, with a page and a list of what is good", async () => {
  const voice = path("voice");

  const { code, out } = await doctor(
    voice,
    ...["--report", path("doctor.html"), "--clean", path("voice/clean.jsonl")],
  );

  expect(code).toBe(1); // Hums are noise from beginning to end.
  expect(out).toContain("Worth a look: ");
  expect(out).toContain("  Noisy recordings: 4\n");
  const page = await readFile(path("doctor.html"), "utf8");
  expect(page).toContain('<h2 id="listen">Listen</h2>');
  expect(page).toContain("wavs/a.wav has a noise only");
  expect(page).not.toMatch(/<script|https?:/);
});

test("a list of what is good does not become the dataset's own", async () => {
  const refused = async (file: string): Promise<string> =>
    (await doctor(path("voice"), "--clean", file)).error;

  expect(await refused(path("voice/metadata.csv"))).toBe(
    `Error: --clean is ${path("voice/metadata.csv")}; give a name that ends in clean.jsonl: others may be taken for the dataset's own list\n`,
  );
  expect(await refused(path("nowhere/clean.jsonl"))).toContain("its folder does not exist");
  const list = path("voice/clean.jsonl");
  await writeFile(list, '{"audio":"wavs/a.wav","text":"Hello."}\n');
  expect((await doctor(list, "--clean", list)).error).toContain("the list that is examined");
});

test("a list in the folder can be examined by itself", async () => {
  await writeFile(path("voice/two.jsonl"), '{"audio":"wavs/a.wav","text":"Hello."}\n');

  const { all } = await events(path("voice/two.jsonl"));

  expect(all[0]).toMatchObject({ type: "dataset", clips: 1, leftOut: 0 });
});

test("fails where nothing can be used, or where anything was found if that is wanted", async () => {
  await writeTinyDataset(path("bad"), {});
  await writeFile(path("bad/metadata.csv"), "gone|Hello.\n");

  expect((await doctor(path("bad"))).error).toBe(
    `Error: ${path("bad")}: no clip can be used: metadata.csv:1: wavs/gone.wav is missing; add the file, or take the line out\n`,
  );
  expect((await doctor(path("voice"))).code).toBe(0);
  const strict = await doctor(path("voice"), "--strict");
  expect([strict.code, strict.error]).toEqual([
    1,
    expect.stringMatching(/^Error: .*: \d+ problems found\n$/),
  ]);
});

test("says that there is no dataset", async () => {
  const { code, all } = await events(path("nowhere"));

  expect(code).toBe(1);
  expect(all).toEqual([
    { type: "error", message: `openFolder: there is no folder ${path("nowhere")}; check the path` },
  ]);
});

function withNaN(): Uint8Array {
  const samples = new Float32Array(22_050).fill(0.5);
  const file = encodeWav({ samples, sampleRateHz: 22_050 }, { bits: "float" });
  new DataView(file.buffer, file.byteOffset).setFloat32(file.length - 4, Number.NaN, true);
  return file;
}

function oppositeChannels(): Uint8Array {
  const left = Float32Array.from({ length: 22_050 }, (_, i) => 0.5 * Math.sin(i / 9));
  const right = left.map((sample) => -sample);
  return encodeWav({ channels: [left, right], sampleRateHz: 22_050 });
}
