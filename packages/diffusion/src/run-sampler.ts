import type { SamplerStep } from "./samplers.js";

/** What a run of a sampler needs besides its steps. */
export interface SamplerRun {
  /** Normal numbers to begin with, one for each element of the mel. */
  readonly start: Float32Array;
  /**
   * What the model says of x: for each element its noise, then (if the sampler draws) for each where its
   * variance lies between the bounds, from -1 to 1.
   */
  readonly predict: (x: Float32Array, step: SamplerStep, index: number) => Promise<Float32Array>;
  /** Normal numbers for a step, counted from 0; asked for only where a step draws. */
  readonly noise: (index: number) => Float32Array;
  /** Called after each step. */
  readonly onStep?: (x: Float32Array, index: number) => void;
}

/** Takes all steps of a sampler. @returns The mel, normalised. */
export async function runSampler(
  steps: readonly SamplerStep[],
  { start, predict, noise, onStep }: SamplerRun,
): Promise<Float32Array> {
  let x = start;
  let previous: Float32Array | undefined;
  for (const [index, step] of steps.entries()) {
    const said = await predict(x, step, index);
    const x0 = believedSignal(x, said, step);
    x = nextState({ x, x0, previous: previous ?? x0 }, step);
    if (step.logVariance) addNoise(x, step.logVariance, { said, noise: noise(index) });
    previous = x0;
    onStep?.(x, index);
  }
  return x;
}

function believedSignal(
  x: Float32Array,
  said: Float32Array,
  { signalOfState, signalOfNoise }: SamplerStep,
): Float32Array {
  return x.map((value, i) => {
    const x0 = value * signalOfState - (said[i] as number) * signalOfNoise;
    return Math.max(-1, Math.min(1, x0));
  });
}

function nextState(
  { x, x0, previous }: { readonly [name in "x" | "x0" | "previous"]: Float32Array },
  { state, signal, previousSignal = 0 }: SamplerStep,
): Float32Array {
  return x.map(
    (value, i) =>
      value * state + (x0[i] as number) * signal + (previous[i] as number) * previousSignal,
  );
}

function addNoise(
  x: Float32Array,
  [low, high]: readonly [number, number],
  { said, noise }: { readonly said: Float32Array; readonly noise: Float32Array },
): void {
  for (let i = 0; i < x.length; i++) {
    const share = ((said[x.length + i] as number) + 1) / 2;
    const deviation = Math.exp((low + share * (high - low)) / 2);
    x[i] = (x[i] as number) + deviation * (noise[i] as number);
  }
}
