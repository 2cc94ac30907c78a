import { MEL_NORMS, type Mel } from "@hawksbill/audio";
import { expect, test } from "vitest";
import { alignMel } from "./align-mel.js";

/** One frame for each sound, held for as long as `lengths` says: a band that is loud, and how loud. */
function melOf(sounds: readonly number[], lengths: readonly number[], loudness = 5): Mel {
  const order = sounds.flatMap((sound, i) => Array.from({ length: lengths[i] ?? 1 }, () => sound));
  const bands = MEL_NORMS.length;
  const data = new Float32Array(bands * order.length);
  for (const [t, sound] of order.entries())
    for (let band = 0; band < bands; band++) {
      const near = Math.exp(-(((band - sound) / 6) ** 2));
      data[band * order.length + t] = (loudness * near) / (MEL_NORMS[band] as number);
    }
  return { data, bands, frames: order.length };
}

/** The largest of all values. */
function difference(a: Mel, b: Mel): number {
  return a.data.reduce((most, x, i) => Math.max(most, Math.abs(x - (b.data[i] ?? 0))), 0);
}

const sounds = [10, 60, 25, 70, 40];

test("a mel at another pace is brought to the pace of the one that is followed", () => {
  const slow = melOf(sounds, [3, 9, 4, 6, 5]);
  const quick = melOf(sounds, [5, 4, 7, 2, 6]);

  expect(difference(alignMel(slow, quick), quick)).toBeLessThan(1e-6);
  expect(difference(slow, quick)).toBeGreaterThan(0.5);
});

test("it is the reference's sound that is given, not the one that is followed", () => {
  const reference = melOf(sounds, [3, 9, 4, 6, 5]);
  const louder = melOf(sounds, [5, 4, 7, 2, 6], 8);

  const expected = melOf(sounds, [5, 4, 7, 2, 6]);
  expect(difference(alignMel(reference, louder), expected)).toBeLessThan(1e-6);
});
