import { evaluate, openDevice } from "@hawksbill/core";
import { afterAll, expect, test } from "vitest";
import { relativeBuckets } from "./attention-block.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

test("every distance has the row that PyTorch's original gives it", async () => {
  const buckets = await evaluate(relativeBuckets(101), device);
  const rows = [...buckets.dataSync()].map(Number);
  const query = 50;
  const row = (distance: number): number => rows[query * 101 + query + distance] as number;
  // First distances of the rows 1 to 15; 38 is the nearest to a boundary, by 0.005 of a row.
  const firsts = [1, 2, 3, 4, 5, 6, 7, 8, 11, 14, 18, 23, 30, 39, 50];
  for (let distance = 0; distance <= 50; distance++) {
    const wanted = firsts.filter((first) => first <= distance).length;
    expect(row(-distance)).toBe(wanted);
    expect(row(distance)).toBe(wanted + (distance > 0 ? 16 : 0));
  }
});
