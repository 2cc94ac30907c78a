import { afterAll, expect, test } from "vitest";
import { evaluate } from "../compile.js";
import { zeros } from "../create-tensor.js";
import { openDevice } from "../open-device.js";
import { concat, reshape } from "./layout.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

test("a tensor without elements takes another shape", async () => {
  const none = reshape(zeros([2, 0]), [0, 3]);
  const rows = await evaluate([none, concat([none, zeros([1, 3])], 0)], device);
  expect(rows.map(({ shape }) => shape)).toEqual([
    [0, 3],
    [1, 3],
  ]);
});
