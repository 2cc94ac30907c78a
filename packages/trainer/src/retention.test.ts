import { expect, test } from "vitest";
import { expiredCheckpoints, type KeptCheckpoint, type Retention } from "./retention.js";

const run: readonly KeptCheckpoint[] = [
  { step: 10, loss: 5 },
  { step: 20, loss: 2 },
  { step: 30, loss: 2 },
  { step: 40, loss: Number.NaN },
  { step: 50, loss: 3 },
  { step: 60 },
];
const gone = (keep?: Retention, checkpoints = run): number[] =>
  expiredCheckpoints(checkpoints, keep).map(({ step }) => step);

test("the newest is kept by default, all others go", () => {
  expect(gone()).toEqual([10, 20, 30, 40, 50]);
});

test.each([
  [{ last: 2 }, [10, 20, 30, 40]],
  [{ last: 1, best: 1 }, [10, 30, 40, 50]],
  [{ last: 1, best: 2 }, [10, 40, 50]],
  [{ last: 2, best: 3 }, [10, 40]],
  [{ last: 9 }, []],
  [{ best: 9 }, [40]],
])("keep %j lets %j go", (keep, wanted) => {
  expect(gone(keep)).toEqual(wanted);
});

test("whatever order they are listed in", () => {
  expect(gone({ last: 1, best: 1 }, run.toReversed())).toEqual([50, 40, 30, 10]);
});

test("kept step by step, the best and the newest are always there", () => {
  let kept: KeptCheckpoint[] = [];
  for (const [step, loss] of [4, 1, 3, 2, 5].entries()) {
    kept.push({ step, loss });
    const expired = new Set(expiredCheckpoints(kept, { last: 1, best: 1 }));
    kept = kept.filter((checkpoint) => !expired.has(checkpoint));
  }
  expect(kept.map(({ step }) => step)).toEqual([1, 4]);
});

test.each([
  [{ last: 0 }, "keep: last is 0; give a whole number >= 1"],
  [{ best: -1 }, "keep: best is -1; give a whole number >= 0"],
])("keep %j is refused", (keep, message) => {
  expect(() => gone(keep)).toThrow(new RangeError(message));
});
