import { expect, test } from "vitest";
import { ClipStore } from "./clip-store.js";
import type { FoundClip } from "./find-clips.js";
import { memoryFolder } from "./memory-folder.js";

function recording(text: string): FoundClip {
  return { name: text, text, extension: "wav", bytes: async () => new TextEncoder().encode(text) };
}

/** Each clip's id, text and sound. */
async function kept(store: ClipStore): Promise<string[][]> {
  const clips = await store.clips();
  return Promise.all(
    clips.map(async ({ id, text }) => [id, text, await (await store.sound(id)).text()]),
  );
}

test("gives no id twice, after the last clips were removed either", async () => {
  const store = new ClipStore(memoryFolder());
  await store.add([recording("One."), recording("Two.")]);
  await store.remove(["clip-0001", "clip-0002"]);

  const [clip] = await store.add([recording("Three.")]);

  expect(clip?.id).toBe("clip-0003");
});

test("keeps what two tabs add and remove at once", async () => {
  const folder = memoryFolder();
  const [one, other] = [new ClipStore(folder), new ClipStore(folder)];
  await one.add([recording("One.")]);

  await Promise.all([
    one.add([recording("Two.")]),
    other.add([recording("Three.")]),
    other.remove(["clip-0001"]),
  ]);

  expect(await kept(one)).toEqual([
    ["clip-0002", "Two.", "Two."],
    ["clip-0003", "Three.", "Three."],
  ]);
});

test("a failure to add leaves the clips as they were", async () => {
  const store = new ClipStore(memoryFolder());
  await store.add([recording("One.")]);
  const unreadable = { ...recording("Two."), bytes: () => Promise.reject(new Error("unreadable")) };

  await expect(store.add([recording("Three."), unreadable])).rejects.toThrow("unreadable");
  await store.add([recording("Four.")]);

  expect(await kept(store)).toEqual([
    ["clip-0001", "One.", "One."],
    ["clip-0002", "Four.", "Four."],
  ]);
});
