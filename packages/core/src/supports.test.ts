import { afterAll, expect, test } from "vitest";
import { ones } from "./create-tensor.js";
import { openDevice } from "./open-device.js";
import { liveTensors } from "./scope.js";
import { supportsBlockMatrix, supportsFloat16 } from "./supports.js";

const device = await openDevice("cpu", { threads: 1 });
afterAll(() => device.close());

test("may be asked several things at once, and leaves alone what is made meanwhile", async () => {
  const before = liveTensors();
  const asked = Promise.all([
    supportsFloat16(device),
    supportsBlockMatrix(device, 4),
    supportsBlockMatrix(device, 8),
  ]);
  const made = ones([2]);
  expect(await asked).toEqual([true, true, true]);
  expect(made.place).toBe("host");
  made.dispose();
  expect(liveTensors()).toBe(before);
});
