import { expect, test } from "vitest";
import { Queue } from "./queue.js";

const { signal: never } = new AbortController();

test("lets in as many as there are places, then in the order of coming", async () => {
  const queue = new Queue({ concurrency: 2, maxWaiting: 2 });
  const came: string[] = [];
  const enter = async (name: string): Promise<() => void> => {
    const leave = await queue.enter(never);
    came.push(name);
    return leave;
  };

  const [leaveA] = await Promise.all([enter("a"), enter("b")]);
  const waiting = [enter("c"), enter("d")];
  expect([queue.running, queue.waiting]).toEqual([2, 2]);

  leaveA();
  leaveA(); // Again changes nothing.
  (await waiting[0])?.();
  await waiting[1];

  expect(came).toEqual(["a", "b", "c", "d"]);
  expect([queue.running, queue.waiting]).toEqual([2, 0]);
});

test("refuses more than may wait, and takes others when one gives up", async () => {
  const queue = new Queue({ concurrency: 1, maxWaiting: 1 });
  const leave = await queue.enter(never);
  const patience = new AbortController();
  const impatient = queue.enter(patience.signal);

  await expect(queue.enter(never)).rejects.toThrow("queue: 1 are waiting; try again later");
  patience.abort(new Error("gone"));
  await expect(impatient).rejects.toThrow("gone");

  const next = queue.enter(never);
  leave();
  (await next)();
  expect([queue.running, queue.waiting]).toEqual([0, 0]);
});
