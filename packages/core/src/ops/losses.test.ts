import { afterAll, expect, test } from "vitest";
import { evaluate } from "../compile.js";
import { tensor } from "../create-tensor.js";
import { openDevice } from "../open-device.js";
import { crossEntropy } from "./losses.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

test("cross entropy leaves ignored targets out, whatever their logits are", async () => {
  const logits = tensor([
    [0, 0],
    [Number.NaN, 0],
  ]);
  const targets = tensor([1, -1], { dtype: "int32" });
  const loss = await evaluate(crossEntropy(logits, targets, { ignoreIndex: -1 }), device);
  expect(await loss.item()).toBeCloseTo(Math.LN2, 6);
});
