import { expect, test } from "vitest";
import { batches, DatasetError } from "./index.js";

/** Clips of 1, 2, … seconds. */
const clips = Array.from({ length: 50 }, (_, i) => ({ seconds: i + 1 }));

test("gives every clip once, and keeps the last partial batch", () => {
  const all = batches(clips, { batchSize: 8, seed: 1, epoch: 0 });

  expect(all.map((batch) => batch.length).sort((a, b) => a - b)).toEqual([2, 8, 8, 8, 8, 8, 8]);
  expect(all.flat().sort((a, b) => a.seconds - b.seconds)).toEqual(clips);
});

test("gives the same batches for the same seed and epoch, and others for another", () => {
  const of = (seed: number, epoch: number) => batches(clips, { batchSize: 8, seed, epoch });

  expect(of(1, 3)).toEqual(of(1, 3));
  expect(of(1, 3)).not.toEqual(of(1, 4));
  expect(of(1, 3)).not.toEqual(of(2, 3));
});

test("puts clips of like length together", () => {
  const padding = (of: (typeof clips)[]) =>
    of
      .map((batch) => batch.map(({ seconds }) => seconds))
      .reduce((sum, s) => sum + Math.max(...s) * s.length - s.reduce((a, b) => a + b), 0);
  const inOrderOfChance = [0, 1, 2, 3, 4].map((i) => clips.filter((_, j) => (j * 7) % 5 === i));

  expect(padding(batches(clips, { batchSize: 10, seed: 1, epoch: 0 }))).toBeLessThan(
    padding(inOrderOfChance) / 3,
  );
});

test("mixes which clips meet, from epoch to epoch", () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ seconds: i }));
  const partners = (epoch: number) =>
    batches(many, { batchSize: 4, seed: 1, epoch })
      .find((batch) => batch.includes(many[50] as { seconds: number }))
      ?.map(({ seconds }) => seconds);

  expect(partners(0)).not.toEqual(partners(1));
});

test("uses what is there when the batch is larger than the dataset, and says so", () => {
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);

  const all = batches(clips.slice(0, 3), { batchSize: 8, seed: 1, epoch: 0, onWarning });

  expect(all.map((batch) => batch.length)).toEqual([3]);
  expect(warnings).toEqual([
    "the batch size is 8, but there are only 3 clips: every batch has all of them",
  ]);
});

test("refuses an empty dataset and sizes that are none", () => {
  expect(() => batches([], { batchSize: 8, seed: 1, epoch: 0 })).toThrow(
    new DatasetError("batches: there are no clips; give at least one"),
  );
  for (const batchSize of [0, -1, 1.5, Number.NaN])
    expect(() => batches(clips, { batchSize, seed: 1, epoch: 0 })).toThrow(
      new DatasetError(`batches: batchSize is ${batchSize}; give a whole number above 0`),
    );
});
