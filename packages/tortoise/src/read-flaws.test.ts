import { flawOf, type Speech, type SpeechRequest, speakFlawlessly } from "@hawksbill/tortoise";
import { expect, test } from "vitest";
import { repeats } from "./read-flaws.js";

const varied = Int32Array.from({ length: 40 }, (_, i) => (i * i) % 61);

function speech(change: Partial<Speech> & { readonly score?: number } = {}): Speech {
  return {
    audio: { samples: new Float32Array(24_000), sampleRateHz: 24_000 },
    codes: varied,
    stopped: true,
    voice: { autoregressive: new Float32Array(1) },
    plan: { seed: 0, sampling: {}, maxCodes: 500 },
    seconds: {},
    ...change,
  };
}

test("knows what is cut, what goes round in circles, and what is too short for its text", () => {
  const circles = Int32Array.from({ length: 40 }, (_, i) => [3, 1, 4, 1, 5][i % 5] ?? 0);
  expect(flawOf(speech(), "Good morning.")).toBeUndefined();
  expect(flawOf(speech({ stopped: false }), "Good morning.")).toBe("unfinished");
  expect(flawOf(speech({ codes: circles }), "Good morning.")).toBe("repeats");
  expect(flawOf(speech({ codes: circles, stopped: false }), "Good morning.")).toBe("repeats");
  expect(flawOf(speech(), "Good morning. ".repeat(4))).toBe("hurried");
});

test("silence is no repetition, and neither is a word said three times", () => {
  expect(repeats(new Int32Array(40).fill(83))).toBe(false);
  const thrice = [1, 2, 3, 4, 5, 6].flatMap((_, i) => (i < 3 ? [7, 8, 9, 10] : [i]));
  expect(repeats(thrice)).toBe(false);
});

/** A speaker whose speech depends on the seed alone. */
function speakerOf(speeches: readonly Speech[]) {
  const seeds: number[] = [];
  const speak = async ({ seed = 0 }: SpeechRequest): Promise<Speech> => {
    seeds.push(seed);
    return speeches[seed] as Speech;
  };
  return { speaker: { speak }, seeds };
}

const request = { text: "Good morning.", voice: "random" } as const;

test("tries again until there is no flaw", async () => {
  const good = speech();
  const { speaker, seeds } = speakerOf([speech({ stopped: false }), good, speech()]);
  expect(await speakFlawlessly(speaker, request, 2)).toBe(good);
  expect(seeds).toEqual([0, 1]);
});

test("what is greedy is not tried again, which would say the same", async () => {
  const { speaker, seeds } = speakerOf([speech({ stopped: false }), speech()]);
  await speakFlawlessly(speaker, { ...request, sampling: "greedy" }, 2);
  expect(seeds).toEqual([0]);
});

test("of flawed tries takes the least flawed, and of equals the best by its score", async () => {
  const codes = Int32Array.from({ length: 40 }, (_, i) => i % 5);
  const better = speech({ stopped: false, score: 0.4 });
  const tries = [speech({ codes, score: 0.9 }), speech({ stopped: false, score: 0.2 }), better];
  expect(await speakFlawlessly(speakerOf(tries).speaker, request, 2)).toBe(better);
});
