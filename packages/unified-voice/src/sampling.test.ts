import { expect, test } from "vitest";
import { fixture, hasShared, numbers, row } from "../test/fixtures.js";
import { draw, processLogits, type SamplingOptions } from "./sampling.js";

/** Nothing but what a case switches on. */
const off: SamplingOptions = { repetitionPenalty: 1, temperature: 1, topK: 0, topP: 1 };

function expectEqual(file: ReturnType<typeof fixture>, name: string, options: SamplingOptions) {
  const { inputs_logits, inputs_ids, [name]: wanted } = file.tensors;
  for (let i = 0; i < (inputs_logits?.shape[0] ?? 0); i++) {
    const logits = Float32Array.from(row(inputs_logits, i));
    const got = processLogits(logits, row(inputs_ids, i), { ...off, ...options });
    const want = row(wanted, i);
    expect(Array.from(got, Number.isFinite)).toEqual(Array.from(want, Number.isFinite));
    got.forEach((score, j) => {
      // Float32 has 7 digits.
      if (Number.isFinite(score)) expect(score).toBeCloseTo(want[j] ?? Number.NaN, 4);
    });
  }
}

const cases: readonly [string, SamplingOptions][] = [
  ["repetition_2.0", { repetitionPenalty: 2 }],
  ["typical_0.9", { typicalMass: 0.9 }],
  ["temperature_0.8", { temperature: 0.8 }],
  ["top_p_0.8", { topP: 0.8 }],
];

test.each<[string, SamplingOptions]>([
  ...cases,
  ["top_k_5", { topK: 5 }],
  ["rep2_temp0.2_topp0.8", { repetitionPenalty: 2, temperature: 0.2, topP: 0.8 }],
])("%s equals PyTorch", (name, options) => {
  expectEqual(fixture("sampling"), name, options);
});

test
  .skipIf(!hasShared)
  .each<[string, SamplingOptions]>([
    ...cases,
    ["top_k_50", { topK: 50 }],
    ["rep2_temp0.2_topp0.8", { repetitionPenalty: 2, temperature: 0.2, topP: 0.8 }],
  ])("%s equals Hugging Face's processors (needs ../shared)", (name, options) => {
  expectEqual(fixture("sampling", "shared"), name, options);
});

test("the logits themselves are left as they are", () => {
  const logits = Float32Array.of(1, 2, 3);
  processLogits(logits, [0]);
  expect(logits).toEqual(Float32Array.of(1, 2, 3));
});

test("draws each code as often as its probability says", () => {
  const scores = Float32Array.from([0.5, 0.3, 0.2], Math.log);
  const counts = [0, 0, 0];
  for (let i = 0; i < 1000; i++) {
    const code = draw(scores, (i + 0.5) / 1000);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  expect(counts).toEqual([500, 300, 200]);
});

test("never draws a removed code", () => {
  const scores = Float32Array.of(-Infinity, 0, -Infinity);
  expect([draw(scores, 0), draw(scores, 1 - 2 ** -32)]).toEqual([1, 1]);
});

test.each<[SamplingOptions, string]>([
  [{ temperature: 0 }, 'sampling: temperature is 0; give a number above 0, or sampling: "greedy"'],
  [{ topP: 0 }, "sampling: topP is 0; give a share above 0, at most 1"],
  [{ topK: 2.5 }, "sampling: topK is 2.5; give a whole number, 0 for all codes"],
  [{ typicalMass: 2 }, "sampling: typicalMass is 2; give a share above 0, at most 1"],
  [
    { top_p: 0.5 } as SamplingOptions,
    'sampling: there is no option "top_p"; give one of repetitionPenalty, typicalMass, temperature, topK, topP',
  ],
  ["Greedy" as SamplingOptions, 'sampling is "Greedy"; give "greedy", or options'],
  [{ repetitionPenalty: 0 }, "sampling: repetitionPenalty is 0; give a number above 0, 1 for none"],
])("refuses %o", (options, message) => {
  expect(() => processLogits(new Float32Array(3), [], options)).toThrow(new RangeError(message));
});

test("what is used as a reference has removed codes", () => {
  const removed = numbers(fixture("sampling").tensors["top_p_0.8"]).filter((x) => x === -Infinity);
  expect(removed.length).toBeGreaterThan(10);
});
