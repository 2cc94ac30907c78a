import { expect, test } from "vitest";
import { stream } from "./stream.js";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("gives what the work tells, in order", async () => {
  const told = stream<number>(async (tell) => {
    tell(1);
    await Promise.resolve();
    tell(2);
    tell(3);
  });

  expect(await all(told)).toEqual([1, 2, 3]);
});

test("throws what the work throws, after what it told", async () => {
  const told = stream<number>(async (tell) => {
    tell(1);
    throw new Error("The clip is gone.");
  });

  expect((await told.next()).value).toBe(1);
  await expect(told.next()).rejects.toThrow("The clip is gone.");
});
