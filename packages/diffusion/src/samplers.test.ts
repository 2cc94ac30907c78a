import { Random } from "@hawksbill/core";
import { expect, test } from "vitest";
import { runSampler } from "./run-sampler.js";
import { type SamplerOptions, type SamplerStep, samplerSteps } from "./samplers.js";
import { respace, trainedSchedule } from "./schedule.js";

// Where the elements of a mel are of a normal distribution, the best prediction is known in closed form.
const [centre, deviation] = [0.1, 0.2];
const elements = 200;
const start = new Random(5).normal([elements]).dataSync() as Float32Array;
const { signal } = trainedSchedule();

/** The noise that x is most likely to hold. */
async function predict(x: Float32Array, { timestep }: SamplerStep): Promise<Float32Array> {
  const alpha = signal[timestep] as number;
  const variance = alpha * deviation ** 2 + 1 - alpha;
  const said = new Float32Array(2 * elements).fill(-1); // The true variance, which belongs to a known x0.
  for (let i = 0; i < elements; i++)
    said[i] = (((x[i] as number) - Math.sqrt(alpha) * centre) * Math.sqrt(1 - alpha)) / variance;
  return said;
}

function sample(options: SamplerOptions): Promise<Float32Array> {
  const random = new Random(6);
  const noise = (): Float32Array => random.normal([elements]).dataSync() as Float32Array;
  return runSampler(samplerSteps(options), { start, predict, noise });
}

/** Root mean square of what a sampler is off the exact solution for its start. */
async function error(options: SamplerOptions): Promise<number> {
  const last = signal.at(-1) as number;
  const spread = Math.sqrt(last * deviation ** 2 + 1 - last);
  const got = await sample(options);
  const squares = got.map((x, i) => {
    const z = ((start[i] as number) - Math.sqrt(last) * centre) / spread;
    return (x - (centre + deviation * z)) ** 2;
  });
  return Math.sqrt(squares.reduce((a, b) => a + b) / elements);
}

test("DPM-Solver++(2M) comes to the exact solution as fast as the square of its steps grows", async () => {
  const errors = await Promise.all(
    [16, 32, 64].map((steps) => error({ sampler: "dpm++2m", steps })),
  );
  const [few, more, most] = errors as [number, number, number];
  // 4 in the limit.
  expect(few / more).toBeGreaterThan(3.5);
  expect(more / most).toBeGreaterThan(3.5);
  expect(most).toBeLessThan(0.002 * deviation);
});

test("DPM-Solver++(2M) is nearer in 10 steps than DDIM in 100", async () => {
  const ours = await error({ sampler: "dpm++2m", steps: 10 });
  expect(ours).toBeLessThan(await error({ sampler: "ddim", steps: 100 }));
});

test("DDIM comes to the exact solution as fast as its steps grow", async () => {
  const few = await error({ sampler: "ddim", steps: 50 });
  const many = await error({ sampler: "ddim", steps: 200 });
  expect(few / many).toBeGreaterThan(3.5);
  expect(many).toBeLessThan(0.05 * deviation);
});

test.each<SamplerOptions>([
  { sampler: "ancestral", steps: 200 },
  { sampler: "ddim", steps: 200, eta: 1 },
  { sampler: "ddim", steps: 200, eta: 0.5 },
])("$sampler with eta $eta gives the distribution", async (options) => {
  const got = await sample(options);
  const mean = got.reduce((a, b) => a + b) / elements;
  const variance = got.reduce((sum, x) => sum + (x - mean) ** 2, 0) / elements;
  // Three standard errors of a mean and of a deviation over 200 elements.
  expect(Math.abs(mean - centre)).toBeLessThan((3 * deviation) / Math.sqrt(elements));
  expect(Math.abs(Math.sqrt(variance) - deviation)).toBeLessThan(
    (3 * deviation) / Math.sqrt(2 * elements),
  );
});

test("DDIM with eta 1 is the ancestral sampler with the lower variance", () => {
  const ancestral = samplerSteps({ sampler: "ancestral", steps: 20 });
  const ddim = samplerSteps({ sampler: "ddim", steps: 20, eta: 1 });
  ddim.forEach(({ state, signal, logVariance }, i) => {
    expect(state).toBeCloseTo(ancestral[i]?.state as number, 10);
    expect(signal).toBeCloseTo(ancestral[i]?.signal as number, 10);
    expect(logVariance?.[1] ?? 0).toBeCloseTo(ancestral[i]?.logVariance?.[0] ?? 0, 10);
  });
});

test("steps evenly spaced by noise are all different, from the first to the last", () => {
  for (const steps of [2, 10, 100, 3999, 4000]) {
    const { timesteps } = respace(trainedSchedule(), steps, "noise");
    expect([timesteps[0], timesteps.at(-1)]).toEqual([0, 3999]);
    expect(new Set(timesteps).size).toBe(steps);
    expect([...timesteps].sort((a, b) => a - b)).toEqual(timesteps);
  }
});

test("options out of range are refused", () => {
  expect(() => samplerSteps({ sampler: "ddim", steps: 10, eta: -0.1 })).toThrow(
    new RangeError("samplerSteps: eta is -0.1; give 0 to 1"),
  );
  const unknown = { sampler: "euler", steps: 10 } as unknown as SamplerOptions;
  expect(() => samplerSteps(unknown)).toThrow(
    new RangeError(
      'samplerSteps: there is no sampler "euler"; give "ancestral", "ddim" or "dpm++2m"',
    ),
  );
  expect(() => samplerSteps({ sampler: "dpm++2m", steps: 0 })).toThrow(
    new RangeError("respace: steps is 0; give a whole number from 2 to 4000"),
  );
});
