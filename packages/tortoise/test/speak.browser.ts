import { modelUrls } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { loadModel } from "@hawksbill/tortoise";
import { expect, test } from "vitest";
import { commands } from "vitest/browser";
import { greedySpeech } from "./greedy-speech.js";

declare module "vitest/browser" {
  interface BrowserCommands {
    /** The codes of `greedySpeech` in Node, on the CPU. */
    greedyCodesInNode(): Promise<number[]>;
  }
}

async function bytesOf(url: URL): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

test("a page says the same as Node, and it can be heard", async () => {
  const model = loadModel({
    tokenizer: await bytesOf(modelUrls.tokenizer),
    dvae: await bytesOf(modelUrls.dvae),
    unifiedVoice: await bytesOf(modelUrls.unifiedVoice),
  });
  const device = await openDevice("wasm");
  const { audio, codes } = await greedySpeech(model, device);
  await device.close();
  expect(codes.length).toBeGreaterThan(5);
  expect(Array.from(codes)).toEqual(await commands.greedyCodesInNode());
  expect(audio.samples.length).toBeGreaterThan(5000);
  const power = audio.samples.reduce((sum, x) => sum + x * x, 0) / audio.samples.length;
  expect(Math.sqrt(power)).toBeGreaterThan(0.005);
}, 180_000);
