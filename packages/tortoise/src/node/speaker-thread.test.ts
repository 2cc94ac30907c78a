/// <reference types="node" />
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { WorkerError } from "@hawksbill/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.js";
import { saveModel } from "./model-folder.js";
import { openSpeakerThread } from "./open-speaker-thread.js";

let folder: string;
/** Each thread that Node starts. */
const threads: Worker[] = [];
const onThread = (message: unknown): void =>
  void threads.push((message as { worker: Worker }).worker);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "speaker-"));
  await saveModel(folder, tinyModel());
  subscribe("worker_threads", onThread);
});
afterAll(async () => {
  unsubscribe("worker_threads", onThread);
  await rm(folder, { recursive: true });
});

test("a thread that dies fails what it was doing, and the next call starts another", async () => {
  const speaker = await openSpeakerThread(folder, { device: "cpu", threads: 1 });
  const request = { text: "hello there", voice: { autoregressive: new Float32Array(64) }, seed: 1 };
  const said = await speaker.speak(request);

  // At rest: within a run, ONNX Runtime takes the process down with the thread.
  void threads[0]?.terminate();
  const lost = speaker.speak(request);
  await expect(lost).rejects.toThrow(
    new WorkerError("worker: it ended (it exited with code 1); ask once more: it is started anew"),
  );
  const again = await speaker.speak(request);

  expect(again.audio).toEqual(said.audio);
  expect(threads).toHaveLength(2);
  await speaker.dispose();
});
