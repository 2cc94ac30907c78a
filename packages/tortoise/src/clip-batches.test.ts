import { disposeTree, Random } from "@hawksbill/core";
import type { Batch } from "@hawksbill/unified-voice";
import { expect, test } from "vitest";
import { tinyClips, tinyModel } from "../test/tiny-model.js";
import { type ClipBatchOptions, type CodedClip, clipBatches } from "./clip-batches.js";
import { hearingOf } from "./voice.js";

const model = tinyModel();
const coded = tinyClips(model, 4).map(
  (clip, i): CodedClip => ({
    ...{ id: clip.id, clip: { ...clip, tokens: Int32Array.of(10 + i) }, seconds: clip.seconds },
    codes: Int32Array.of(1, 2, 3),
  }),
);
const defaults: ClipBatchOptions = {
  ...{ config: model.config, batchSize: 2, seed: 0, recipe: "hawksbill", corruption: 0 },
  ...{
    hearing: hearingOf(model),
    conditioningClips: 1,
    conditioningDropout: 0,
    balance: 0,
    onWarning: () => undefined,
  },
};

/** How often each clip comes in 20 epochs. */
function counts(training: readonly CodedClip[], options: Partial<ClipBatchOptions> = {}): number[] {
  const { epoch } = clipBatches(training, [], { ...defaults, ...options });
  const found = training.map(() => 0);
  for (let number = 0; number < 20; number++)
    for (const batch of epoch(number, new Random(number))) {
      for (const id of batch.ids.dataSync())
        if (Number(id) >= 10 && Number(id) < 14) (found[Number(id) - 10] as number)++;
      disposeTree({ ...batch });
    }
  return found;
}

function firstOf(options: Partial<ClipBatchOptions>): Batch {
  const { epoch } = clipBatches(coded, [], { ...defaults, ...options });
  return epoch(0, new Random(0)).next().value as Batch;
}

test("clips come as often as their datasets weigh", () => {
  expect(counts(coded)).toEqual([20, 20, 20, 20]);
  const [first, ...others] = coded as [CodedClip, ...CodedClip[]];
  expect(counts([{ ...first, weight: 3 }, ...others])).toEqual([60, 20, 20, 20]);
});

test("speakers are made equal", () => {
  const spoken = coded.map((clip, i) => ({ ...clip, seconds: 1, speaker: i < 3 ? "a" : "b" }));
  const [a, b, c, d] = counts(spoken, { balance: 1 }) as [number, number, number, number];
  expect(a + b + c + d).toBe(80);
  expect(d).toBe(40);
});

test("tells of speakers whose clips condition on themselves", () => {
  const [a, b, c, d] = coded.map((clip, i) => ({ ...clip, speaker: "aabc"[i] as string })) as [
    CodedClip,
    CodedClip,
    CodedClip,
    CodedClip,
  ];
  const warnings = (training: readonly CodedClip[], heldOut: readonly CodedClip[]): string[] => {
    const all: string[] = [];
    clipBatches(training, heldOut, { ...defaults, onWarning: (message) => all.push(message) });
    return all;
  };
  expect(warnings([a, b, c], [d])).toEqual([
    'speaker "b" has one clip to train on: it conditions on itself and can copy instead of speak; add clips',
    'speaker "c" has no clip to train on: its held-out clips condition on themselves and measure too well; add clips',
  ]);
  expect(warnings([a], [b])[0]).toBe(
    "there is one clip to train on: it conditions on itself and can copy instead of speak; add clips",
  );
  expect(warnings([a, b], [])).toEqual([]);
});

test("each clip hears so many others, and some hear nothing", () => {
  expect(firstOf({ conditioningClips: 3 }).conditioning.shape).toEqual([2, 3, 80, 128]);
  const hearing = hearingOf({ settings: {} });
  expect(firstOf({ hearing }).conditioning.shape).toEqual([2, 1, 80, 517]);
  expect(firstOf({}).voiceKept).toBeUndefined();
  expect(firstOf({ conditioningDropout: 1 }).voiceKept?.dataSync()).toEqual(Float32Array.of(0, 0));
});
