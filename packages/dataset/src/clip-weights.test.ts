import { expect, test } from "vitest";
import { batches, clipWeights, combineDatasets, DatasetError } from "./index.js";

const clips: { id: string; speaker?: string; seconds: number }[] = [
  { id: "a", speaker: "anna", seconds: 4 },
  { id: "b", speaker: "anna", seconds: 4 },
  { id: "c", speaker: "anna", seconds: 8 },
  { id: "d", speaker: "bob", seconds: 4 },
];

test("without balance every clip comes once", () => {
  expect(clipWeights(clips)).toEqual([1, 1, 1, 1]);
});

test("with full balance every speaker has as much speech in an epoch", () => {
  const weights = clipWeights(clips, { balance: 1 });
  const seconds = clips.map((clip, i) => clip.seconds * (weights[i] ?? 0));

  expect(seconds.slice(0, 3).reduce((a, b) => a + b)).toBeCloseTo(seconds[3] ?? 0, 10);
  expect(weights.reduce((a, b) => a + b)).toBeCloseTo(4, 10);
});

test("a dataset of twice the weight comes twice as often, balanced or not", () => {
  const doubled = clips.map((clip) => ({ ...clip, weight: clip.speaker === "bob" ? 2 : 1 }));
  const weights = clipWeights(doubled, { balance: 1 });
  const seconds = clips.map((clip, i) => clip.seconds * (weights[i] ?? 0));

  expect(seconds.slice(0, 3).reduce((a, b) => a + b) * 2).toBeCloseTo(seconds[3] ?? 0, 10);
  expect(weights.reduce((a, b) => a + b)).toBeCloseTo(5, 10);
});

test("half a balance goes with the square root", () => {
  const weights = clipWeights(clips, { balance: 0.5 });

  expect((weights[3] ?? 0) / (weights[0] ?? 1)).toBeCloseTo(Math.sqrt(16 / 4), 10);
});

test("refuses a balance that is none", () => {
  expect(() => clipWeights(clips, { balance: 2 })).toThrow(
    new DatasetError("clipWeights: balance is 2; give a number from 0 to 1"),
  );
});

test("batches draw clips as often as their weights say, the same for the same seed", () => {
  const counts = new Map<string, number>();
  const weights = [2.3, 1, 0.5, 0];
  const epochs = Array.from({ length: 200 }, (_, epoch) =>
    batches(clips, { batchSize: 2, seed: 1, epoch, weights }).flat(),
  );
  for (const { id } of epochs.flat()) counts.set(id, (counts.get(id) ?? 0) + 1);

  expect(counts.get("d")).toBeUndefined();
  // Of 200 draws each is at most one off its mean; the sum of all is exact but for a whole number.
  expect((counts.get("a") ?? 0) / 200).toBeCloseTo(2.3, 1);
  expect(counts.get("b")).toBe(200);
  expect((counts.get("c") ?? 0) / 200).toBeCloseTo(0.5, 1);
  expect(epochs.every(({ length }) => length === 3 || length === 4)).toBe(true);
  expect(batches(clips, { batchSize: 2, seed: 1, epoch: 3, weights }).flat()).toEqual(epochs[3]);
});

test("batches refuse weights that are none", () => {
  for (const weights of [
    [1, 1, 1],
    [1, 1, 1, -1],
    [0, 0, 0, 0],
    [1, 1, 1, Number.NaN],
  ])
    expect(() => batches(clips, { batchSize: 2, seed: 1, epoch: 0, weights })).toThrow(
      `batches: there are ${weights.length} weights for 4 clips; give each a number of 0 or more, some above 0`,
    );
});

test("an epoch has at least one clip", () => {
  const weights = [0.001, 0.002, 0, 0];

  expect(batches(clips, { batchSize: 2, seed: 1, epoch: 0, weights }).flat()).toHaveLength(1);
});

test("datasets are combined with their weights, under their names", () => {
  const problem = { fault: "silent", reason: "is silent", advice: "", line: 2 } as const;
  const leftOut = [{ ...problem, id: "x", list: "metadata.csv", path: "wavs/x.wav" }];

  const all = combineDatasets([
    { name: "en", dataset: { clips: clips.slice(3), leftOut } },
    { name: "de", dataset: { clips: [{ id: "d", seconds: 1 }], leftOut: [] }, weight: 2 },
  ]);

  expect(all.clips).toEqual([
    { id: "en/d", speaker: "en/bob", seconds: 4, weight: 1 },
    { id: "de/d", speaker: "de", seconds: 1, weight: 2 },
  ]);
  expect(all.leftOut).toMatchObject([
    { id: "en/x", list: "en/metadata.csv", path: "en/wavs/x.wav" },
  ]);
  expect(clipWeights(all.clips)).toEqual([1, 2]);
});

test("refuses datasets of one name, and weights that are none", () => {
  const dataset = { clips, leftOut: [] };

  expect(() =>
    combineDatasets([
      { name: "en", dataset },
      { name: "en", dataset },
    ]),
  ).toThrow('combineDatasets: two datasets are called "en"; give each a name of its own');
  expect(() => combineDatasets([{ name: "en", dataset, weight: 0 }])).toThrow(
    'combineDatasets: the weight of "en" is 0; give a number above 0',
  );
});
