import { expect, test } from "vitest";
import { newRun, type Run, runAfter } from "../run/run.js";
import type { Settings } from "../settings.js";
import { memoryFolder } from "./memory-folder.js";
import { RunStore } from "./run-store.js";

const settings: Settings = {
  base: "embedded",
  device: "wasm",
  rank: 0,
  steps: 10,
  batchSize: 2,
  learningRate: 1e-4,
  listenEvery: 5,
  decoderSteps: 4,
  seed: 0,
};
const clips = ["clip-0001", "clip-0002"].map((id) => ({ id, file: `clips/${id}.wav`, text: id }));
const running: Run = runAfter(newRun({ id: "a", settings, clips }), { type: "saved", step: 5 });

test("a fine-tuning that was under way has stopped", async () => {
  const folder = memoryFolder();
  await folder.write("run/run.json", JSON.stringify(running));
  expect(await new RunStore(folder).run()).toEqual({ ...running, state: "stopped" });
});

test("sees what another tab has kept meanwhile", async () => {
  const folder = memoryFolder();
  const store = new RunStore(folder);
  expect(await store.run()).toBeUndefined();

  await folder.write("run/run.json", JSON.stringify({ ...running, state: "done" }));

  expect(await store.run()).toMatchObject({ state: "done", savedStep: 5 });
});

test("does not go on without the clips that it learns from, and loses nothing", async () => {
  const folder = memoryFolder();
  const stopped = { ...running, state: "stopped" };
  await folder.write("run/run.json", JSON.stringify(stopped));
  await folder.write("clips/clip-0002.wav", "");
  const store = new RunStore(folder);

  await expect(store.resume(settings, AbortSignal.timeout(1000)).next()).rejects.toThrow(
    "1 of the 2 clips that it learns from were removed; start over with those that are there.",
  );
  expect(await store.run()).toEqual(stopped);
});

test("what fails after it was told to stop has failed", async () => {
  const folder = memoryFolder();
  await folder.write("run/run.json", JSON.stringify({ ...running, state: "stopped" }));
  for (const { file } of clips) await folder.write(file, "");
  const store = new RunStore(folder);

  for await (const _ of store.resume({}, AbortSignal.abort()));

  const message = expect.stringContaining('there is no "wasm" here');
  expect(await store.run()).toMatchObject({ state: "failed", message });
});

test("a fine-tuning that cannot begin leaves the last one's model", async () => {
  const folder = memoryFolder();
  const done = { ...running, state: "done" };
  await folder.write("run/run.json", JSON.stringify(done));
  await folder.write("model/unified-voice.safetensors", "weights");
  const start = async (base: Settings["base"]): Promise<void> => {
    const request = { id: "b", settings: { ...settings, base }, clips };
    for await (const _ of new RunStore(folder).start(request, AbortSignal.timeout(60_000)));
  };

  await expect(start("embedded")).rejects.toThrow("2 of the 2 clips");
  for (const { file } of clips) await folder.write(file, "");
  await expect(start("own")).rejects.toThrow();

  expect(await new RunStore(folder).run()).toEqual(done);
  expect(await folder.read("model/unified-voice.safetensors")).toBeDefined();
});
