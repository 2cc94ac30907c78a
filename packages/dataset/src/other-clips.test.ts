import { Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import { otherClips } from "./index.js";

const clips = ["a", "b", "c", "d"].map((id) => ({ id }));
const [a] = clips as [{ id: string }];
const pick = (count: number, of = clips, seed = 1) =>
  otherClips(a, of, { count, random: new Random(seed) });
const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id).sort();

test("picks different clips, never the clip itself", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { clips: found, isItself } = pick(3, clips, seed);
    expect(ids(found)).toEqual(["b", "c", "d"]);
    expect(isItself).toBe(false);
  }
});

test("knows the clip by its id", () => {
  expect(ids(pick(1, [{ id: "a" }, { id: "b" }]).clips)).toEqual(["b"]);
});

test("picks every other clip about as often", () => {
  const random = new Random(7);
  const counts: Record<string, number> = { b: 0, c: 0, d: 0 };
  for (let i = 0; i < 3000; i++)
    for (const { id } of otherClips(a, clips, { count: 1, random }).clips)
      counts[id] = (counts[id] ?? 0) + 1;

  // 1000 each; 150 is six standard deviations.
  for (const count of Object.values(counts)) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test("repeats clips when there are fewer others than asked for", () => {
  const { clips: found } = pick(7);

  expect(ids(found.slice(0, 3))).toEqual(["b", "c", "d"]);
  expect(ids(found.slice(3, 6))).toEqual(["b", "c", "d"]);
  expect(found).toHaveLength(7);
});

test("takes the clip itself when it is the only one, and says so", () => {
  expect(pick(2, [a])).toEqual({ clips: [a, a], isItself: true });
});

test("picks clips of the same speaker only", () => {
  const clips = [
    { id: "a", speaker: "anna" },
    { id: "b", speaker: "bob" },
    { id: "c", speaker: "anna" },
  ];
  const [anna, bob] = clips as [{ id: string; speaker: string }, { id: string; speaker: string }];
  const random = new Random(1);

  expect(otherClips(anna, clips, { count: 2, random }).clips).toEqual([clips[2], clips[2]]);
  expect(otherClips(bob, clips, { count: 1, random }).isItself).toBe(true);
});
