import { compile, openDevice, type Tensor, tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import { codeMetrics } from "./code-metrics.js";

const device = await openDevice("cpu", { threads: 1 });
const stopMelToken = 3;

/**
 * The metrics of rows whose positions are sure (probability 0.97 or so) of these codes.
 *
 * @param targets -1: none.
 */
async function metrics(said: number[][], targets: number[][]): Promise<Record<string, number>> {
  const logits = said.map((row) =>
    row.map((code) => [0, 1, 2, 3].map((other) => (other === code ? 5 : 0))),
  );
  const run = compile(
    (melLogits: Tensor, melTargets: Tensor) =>
      codeMetrics(melLogits, { melTargets }, { stopMelToken }),
    { device },
  );
  const { codeLoss, stopAccuracy } = await run(tensor(logits), tensor(targets, { dtype: "int32" }));
  await run.release();
  return { codeLoss: await codeLoss.item(), stopAccuracy: await stopAccuracy.item() };
}

const ends = [-1, 1, 2, 3, -1];

test("a clip counts whose end is said at its end and not before", async () => {
  const rows = {
    "at the end": [0, 1, 2, 3, 0],
    "where nothing is asked as well": [3, 1, 2, 3, 3],
    early: [0, 3, 2, 3, 0],
    never: [0, 1, 2, 1, 0],
  };

  const right = Object.fromEntries(
    await Promise.all(
      Object.entries(rows).map(
        async ([name, row]) => [name, (await metrics([row], [ends])).stopAccuracy] as const,
      ),
    ),
  );

  expect(right).toEqual({
    "at the end": 1,
    "where nothing is asked as well": 1,
    early: 0,
    never: 0,
  });
});

test("is the share of a batch's clips", async () => {
  const both = await metrics([rowOf(3), rowOf(0)], [ends, ends]);

  expect(both.stopAccuracy).toBe(0.5);
});

test("of several stop tokens in a row, as the original recipe has them, the first counts", async () => {
  const { stopAccuracy } = await metrics([[0, 1, 3, 0, 0]], [[-1, 1, 3, 3, 3]]);

  expect(stopAccuracy).toBe(1);
});

test("the code loss is that of the codes, whatever is said at the end", async () => {
  const sure = Math.log(1 + 3 * Math.exp(-5));

  expect((await metrics([rowOf(3)], [ends])).codeLoss).toBeCloseTo(sure, 5);
  expect((await metrics([rowOf(0)], [ends])).codeLoss).toBeCloseTo(sure, 5);
  expect((await metrics([[0, 1, 1, 3, 0]], [ends])).codeLoss).toBeCloseTo(sure + 5 / 2, 5);
});

/** Right codes, and this at the end. */
function rowOf(end: number): number[] {
  return [0, 1, 2, end, 0];
}
