/// <reference types="node" />
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { ShapeError, tensor } from "@hawksbill/core";
import { expect, test } from "vitest";
import type { handlers } from "../test/training.js";
import { connect, moved, WorkerError } from "./index.js";

const script = new URL("../test/start-worker.mjs", import.meta.url);
const execArgv = ["--conditions=@hawksbill/source"];
const startThread = () => new Worker(script, { execArgv });
const startProcess = () => fork(script, { execArgv, serialization: "advanced" });

/** Steps of a second or so, of which one is under way. */
const long = { on: "cpu", count: 1000, width: 1024 } as const;

test("a process answers as a thread does", async () => {
  const { remote, close } = connect<typeof handlers>(startProcess());
  const x = moved(tensor([[1, 2]]));
  const echo = await remote.echo(x);

  expect(echo.shape).toEqual([1, 2]);
  expect(echo.dataSync()).toEqual(new Float32Array([1, 2]));
  await expect(remote.steps({ ...long, width: -1 })).rejects.toThrow(ShapeError);
  await expect(remote.echo((() => x) as never)).rejects.toThrow(
    /^worker: a value cannot go to another thread/,
  );
  close();
});

test("a process ends within a run of ONNX Runtime, and leaves this one alive", async () => {
  for (const end of ["close", "kill"] as const) {
    const child = startProcess();
    const { remote, close, ended } = connect<typeof handlers>(child);
    await remote.steps({ ...long, count: 1, width: 4 });
    const lost = remote.steps(long);
    lost.catch(() => undefined);
    await wait(300);

    const exit = once(child, "exit");
    const reason = end === "close" ? "it was closed from here" : "it was ended by SIGKILL";
    if (end === "close") close();
    else child.kill("SIGKILL");

    const error = new WorkerError(`worker: it ended (${reason}); start it again to go on`);
    await expect(lost).rejects.toThrow(error);
    expect((await ended).message).toBe(error.message);
    expect(await exit).toEqual([null, "SIGKILL"]);
  }
});

test("a thread that is closed within a run ends after it, and leaves this process alive", async () => {
  const thread = startThread();
  const { remote, close } = connect<typeof handlers>(thread);
  await remote.steps({ ...long, count: 1, width: 4 });
  const lost = remote.steps(long);
  lost.catch(() => undefined);
  await wait(300);

  const exit = once(thread, "exit");
  close();

  await expect(lost).rejects.toThrow("worker: it ended (it was closed from here)");
  await exit;
});
