/// <reference types="vite/client" />
import { expect, test } from "vitest";
import { decodeAudio } from "../src/index.js";

/** Each file as a data URL, so that the test runs in Node and in browsers. */
const files = import.meta.glob<string>("../fixtures/*.{wav,flac,mp3,ogg,opus}", {
  query: "?inline",
  import: "default",
  eager: true,
});

test("finds the fixtures", () => {
  expect(Object.keys(files).length).toBe(13);
});

test.each(Object.entries(files))("reads %s", async (_, url) => {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const { channels, sampleRateHz, warnings } = await decodeAudio(bytes);
  const seconds = (channels[0]?.length ?? 0) / sampleRateHz;
  expect([0.05, 0.3, 0.516]).toContain(seconds);
  expect(Math.max(...(channels[0] ?? []))).toBeCloseTo(0.5, 1);
  expect(warnings).toEqual([]);
});
