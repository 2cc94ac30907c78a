/// <reference types="node" />
import { type ChildProcess, fork } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisposedError } from "@hawksbill/core";
import { WorkerError } from "@hawksbill/worker";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.js";
import { saveModel } from "./model-folder.js";
import { openSpeakerProcess } from "./open-speaker-process.js";

let folder: string;
/** Each process that Node starts. */
const children: ChildProcess[] = [];
const onChild = (message: unknown): void =>
  void children.push((message as { process: ChildProcess }).process);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "speaker-"));
  await saveModel(folder, tinyModel());
  subscribe("child_process", onChild);
});
beforeEach(() => {
  children.length = 0;
});
afterAll(async () => {
  unsubscribe("child_process", onChild);
  await rm(folder, { recursive: true });
});

const request = { text: "hello there", voice: { autoregressive: new Float32Array(64) }, seed: 1 };
const open = () => openSpeakerProcess(folder, { device: "cpu", threads: 1 });

test("a process that dies in the midst of a step fails what it was doing, and the next call starts another", async () => {
  const speaker = await open();
  const said = await speaker.speak(request);

  const lost = speaker.speak({ ...request, onProgress: () => children[0]?.kill("SIGKILL") });
  await expect(lost).rejects.toThrow(
    new WorkerError(
      "worker: it ended (it was ended by SIGKILL); ask once more: it is started anew",
    ),
  );
  const again = await speaker.speak(request);

  expect(again.audio).toEqual(said.audio);
  expect(children).toHaveLength(2);
  await speaker.dispose();
});

// Windows has no such signals.
// Windows has no signals to groups of processes.
test.skipIf(process.platform === "win32")(
  "what asks all processes of a group to end leaves the one that speaks to its parent",
  async () => {
    const speaker = await open();
    const said = await speaker.speak(request);
    const asked = new Set<boolean | undefined>();

    const again = await speaker.speak({
      ...request,
      onProgress() {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
          asked.add(children[0]?.kill(signal));
      },
    });

    expect([...asked]).toEqual([true]);
    expect(again.audio).toEqual(said.audio);
    expect(children).toHaveLength(1);
    await speaker.dispose();
  },
);

test("its process is gone when it is disposed of", async () => {
  const speaker = await open();
  const ended = once(children[0] as ChildProcess, "exit");
  await speaker.dispose();
  await ended;

  await expect(speaker.speak(request)).rejects.toThrow(
    new DisposedError("speak: this speaker was disposed of; open another"),
  );
  expect(children).toHaveLength(1);
});

test("its process does not outlive this one", async () => {
  const parent = fork(new URL("../../test/open-speaker-in-process.ts", import.meta.url), [folder], {
    execArgv: ["--conditions=@hawksbill/source", "--import=tsx"],
    silent: true,
  });
  await once(parent, "message");
  parent.kill("SIGKILL");
  await once(parent, "close"); // It comes when nobody has its output open any more, its own process neither.
});
