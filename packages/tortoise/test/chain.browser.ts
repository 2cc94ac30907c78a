import { openDevice } from "@hawksbill/core";
import { Tortoise } from "@hawksbill/tortoise";
import { expect, test } from "vitest";
import { chainUrl, openChain, relativeError, tolerance } from "./chain.js";

test("a page speaks TorToiSe's way as Node and PyTorch do, and the same twice", async () => {
  const bytes = new Uint8Array(await (await fetch(chainUrl)).arrayBuffer());
  const { model, request, candidates, numbers } = openChain(bytes);
  const device = await openDevice("wasm");
  const tortoise = Tortoise.create(model, device);

  const greedy = await tortoise.speak({ ...request, sampling: "greedy" });
  const drawn = await tortoise.speak({ ...request, candidates });
  const again = await tortoise.speak({ ...request, candidates });
  await tortoise.dispose();
  await device.close();

  expect(Array.from(greedy.codes)).toEqual(numbers("outputs.greedy.codes"));
  expect(Array.from(drawn.codes)).toEqual(numbers("outputs.drawn.codes"));
  const { mel, audio } = drawn;
  expect(relativeError(mel?.data, numbers("outputs.drawn.mel"))).toBeLessThan(tolerance.mel);
  const error = relativeError(audio.samples, numbers("outputs.drawn.wave"));
  expect(error).toBeLessThan(tolerance.wave);
  expect(again.audio.samples).toEqual(audio.samples);
}, 180_000);
