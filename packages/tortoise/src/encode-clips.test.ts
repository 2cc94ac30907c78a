import { arMel } from "@hawksbill/audio";
import { openDevice, Random } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import { initialiseDvae } from "@hawksbill/dvae";
import { expect, test } from "vitest";
import { encodeClips } from "./encode-clips.js";

const device = await openDevice("cpu", { threads: 1 });
const dvae = initialiseDvae(
  {
    ...{ channels: 80, tokens: 16, codebookDim: 8, hiddenDim: 8 },
    ...{ resnetBlocks: 1, layers: 2, kernelSize: 3 },
  },
  new Random(0),
);

function clip(id: string, codes: number): Clip {
  const samples = Float32Array.from({ length: 1024 * codes }, (_, i) => Math.sin(i / 9) / 2);
  const seconds = samples.length / 22_050;
  return {
    id,
    text: id,
    tokens: Int32Array.of(1),
    path: "",
    list: "",
    line: 1,
    samples,
    mel: arMel(samples),
    seconds,
  };
}

async function codeCounts(padded: (clip: Clip) => boolean): Promise<number[]> {
  const counts: number[] = [];
  for await (const { codes } of encodeClips(
    [clip("a", 8), clip("b", 20)],
    { dvae },
    { device, padded },
  ))
    counts.push(codes.length);
  return counts;
}

test("clips have codes for their own length", async () => {
  const [short = 0, long = 0] = await codeCounts(() => false);

  expect(short).toBeLessThan(long);
});

test("padded ones have as many as the longest, as DL-Art-School trains on them", async () => {
  const [short, long] = await codeCounts(() => true);

  expect(short).toBe(long);
});
