/// <reference types="node" />
import { expect, test } from "vitest";
import { type Connection, connect, WorkerError } from "../src/index.js";
import type { handlers } from "./training.js";

const inBrowser = "document" in globalThis;
const on = inBrowser ? "wasm" : "cpu";

async function start(): Promise<Connection<typeof handlers>> {
  if (inBrowser)
    return connect(
      new Worker(new URL("./training-web-worker.ts", import.meta.url), { type: "module" }),
    );
  const { Worker: NodeWorker } = await import("node:worker_threads");
  return connect(
    new NodeWorker(new URL("./start-worker.mjs", import.meta.url), {
      execArgv: ["--conditions=@hawksbill/source"],
    }),
  );
}

test("the caller's event loop stays free while a step is made", async () => {
  const { remote, close } = await start();
  await remote.steps({ on, count: 1, width: 64 }); // It starts, and loads its modules.
  let longestGap = 0;
  let last = performance.now();
  const measureGap = (): void => {
    longestGap = Math.max(longestGap, performance.now() - last);
    last = performance.now();
  };
  const timer = setInterval(measureGap, 5);
  const step = await remote.steps({ on, count: 1, width: inBrowser ? 512 : 768 });
  measureGap(); // A step's answer may come before the timer's turn.
  clearInterval(timer);
  close();
  // Where a step held this thread, the gap would be as long as the step; a busy machine makes some gap, too.
  expect(longestGap).toBeLessThan(step / 2);
});

test("calls under way fail when the worker ends", async () => {
  const { remote, close, ended } = await start();
  const steps = remote.steps({ on, count: 1000, width: 64 });
  setTimeout(close, 10);
  await expect(steps).rejects.toThrow(WorkerError);
  expect((await ended).message).toMatch(/^worker: it ended \(it was closed from here\)/);
});
