import { disposeTree, openDevice } from "@hawksbill/core";
import { type Cache, memoryCache } from "@hawksbill/dataset";
import { expect, test } from "vitest";
import { tinyClips, tinyModel } from "../test/tiny-model.js";
import { adaptDecoder } from "./adapt-decoder.js";
import { encodeClips } from "./encode-clips.js";

const device = await openDevice("cpu", { threads: 1 });

test("clips that were encoded for the training before, or for another fit, are not encoded again", async () => {
  const model = tinyModel();
  const clips = tinyClips(model, 2);
  const kept: string[] = [];
  const memory = memoryCache();
  const cache: Cache = {
    ...memory,
    set: (key, bytes) => {
      kept.push(key);
      return memory.set(key, bytes);
    },
  };
  for await (const _ of encodeClips(clips, model, { device, cache }));
  expect(kept).toHaveLength(2);

  for (const seed of [0, 1]) {
    const before = model.dvae["decoder.0.weight"]?.dataSync().slice();
    for await (const _ of adaptDecoder({ model, clips, device, cache, seed, steps: 1 }));
    expect(model.dvae["decoder.0.weight"]?.dataSync()).not.toEqual(before);
  }

  expect(kept).toHaveLength(2);
  disposeTree([model.dvae, model.unifiedVoice]);
});
