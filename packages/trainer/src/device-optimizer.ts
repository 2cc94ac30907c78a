import {
  assign,
  compile,
  type Device,
  disposeTree,
  maximum,
  minimum,
  mul,
  neg,
  reshape,
  slice,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { clipFactors } from "./gradient-norm.js";
import type { StepSettings } from "./host-optimizer.js";
import type { Clip, DeviceOptimizer, OptimizerState, StepOptions } from "./optimizer.js";
import type { ParameterGroup } from "./parameter-groups.js";
import { requireStep } from "./require-step.js";
import { TrainingError } from "./training-error.js";

/** What one optimiser does to one weight, as operators. */
export interface ProgramRule {
  /** Which numbers change from step to step; computed here, in double precision. */
  numbers(settings: Omit<StepSettings, "gradientScale">): readonly number[];
  /**
   * A weight and its state after a step.
   *
   * @param d The gradient, scaled and clipped.
   * @param numbers Those of the step, [1] each.
   */
  update(w: Tensor, d: Tensor, state: Weights, numbers: readonly Tensor[]): Moved;
}

/** One weight with what is remembered of it. */
interface Moved {
  readonly w: Tensor;
  readonly state: Weights;
}

/** The same and its gradient. */
interface Part extends Moved {
  readonly g: Tensor;
}

/** What all weights of a group have in common in one step. */
interface OfStep {
  readonly numbers: Tensor;
  /** Of each number of the gradients. */
  readonly bound: Tensor | undefined;
}

/** What an optimiser on the host has in common with its programs. */
interface Shared {
  /** Begins error messages. */
  readonly name: string;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly groups: readonly ParameterGroup[];
  readonly moments: OptimizerState["moments"];
  readonly program: ProgramRule;
  nextStep(): number;
  countStep(): void;
}

/** Weights that one program moves: their old and new elements are on the device at once. */
const weightsOfProgram = 32;

/** Forms of so many weights whose programs are kept: with fewer than a model has, all would be made anew in each step. */
const maxForms = 64;

/** An optimiser's steps as programs. */
export function deviceOptimizer(
  device: Device,
  { name, groups, moments, program, ...shared }: Shared,
): DeviceOptimizer {
  const squares = compile(
    (grads: readonly Tensor[]) =>
      stack(
        grads.map((g) => sum(square(g))),
        0,
      ), // [weights]
    { device, name: `${name}, lengths`, maxPrograms: maxForms },
  );
  const move = compile(
    (parts: readonly Part[], scales: Tensor, numbers: Tensor, bound?: Tensor): Moved[] => {
      const each = elements(numbers);
      const scaleOf = elements(scales);
      return parts.map(({ w, g, state }, i) => {
        const scaled = mul(g, scaleOf[i] as Tensor);
        const d = bound ? maximum(minimum(scaled, bound), neg(bound)) : scaled;
        const moved = program.update(w, d, state, each);
        const all = Object.entries(moved.state).map(([moment, x]) => [moment, like(w, x)]);
        return { w: like(w, moved.w), state: Object.fromEntries(all) };
      });
    },
    { device, name: `${name}, step`, keepOnDevice: true, maxPrograms: maxForms },
  );

  let isHalfway = false;

  function partOf(weights: Weights, grads: Weights, weight: string): Part {
    const [w, g] = [weights[weight], grads[weight]];
    if (!w || !g)
      throw new TrainingError(`${name}: ${w ? "gradient" : "weight"} "${weight}" is missing`);
    const state = Object.entries(moments).map(([moment, all]) => [moment, all[weight] as Tensor]);
    return { w, g, state: Object.fromEntries(state) };
  }

  /** The length of each gradient. */
  async function lengthsOf(parts: readonly Part[]): Promise<number[]> {
    const lengths: number[] = [];
    for (const chunk of inChunks(parts)) {
      const sums = await squares(chunk.map(({ g }) => g));
      lengths.push(...((await sums.data()) as Float32Array).map(Math.sqrt));
      sums.dispose();
    }
    return lengths;
  }

  async function moveAll(
    parts: readonly Part[],
    scales: readonly number[],
    numbers: readonly number[],
    clip: Clip | undefined,
  ): Promise<void> {
    const ofStep: OfStep = {
      numbers: tensor([...numbers]),
      bound: clip && "value" in clip ? tensor([clip.value]) : undefined,
    };
    try {
      for (const [i, chunk] of [...inChunks(parts)].entries()) {
        const start = i * weightsOfProgram;
        await moveChunk(chunk, scales.slice(start, start + chunk.length), ofStep);
      }
    } finally {
      disposeTree(ofStep);
    }
  }

  async function moveChunk(
    parts: readonly Part[],
    scales: readonly number[],
    { numbers, bound }: OfStep,
  ): Promise<void> {
    const own = tensor([...scales]);
    try {
      const moved = await move(parts, own, numbers, bound);
      isHalfway = true;
      for (const [i, { w, state }] of moved.entries()) {
        const old = parts[i] as Part;
        assign(old.w, w);
        for (const [moment, x] of Object.entries(state)) assign(old.state[moment] as Tensor, x);
      }
    } finally {
      own.dispose();
    }
  }

  async function step(
    weights: Weights,
    grads: Weights,
    { gradientScale = 1, clip, learningRate = shared.learningRate }: StepOptions = {},
  ): ReturnType<DeviceOptimizer["step"]> {
    requireStep(name, { learningRate, clip });
    const parts = groups.map(({ names }) => names.map((one) => partOf(weights, grads, one)));
    const lengths: number[][] = [];
    for (const group of parts)
      lengths.push((await lengthsOf(group)).map((length) => gradientScale * length));
    const gradNorms = lengths.map((group) => Math.hypot(...group));
    if (!gradNorms.every(Number.isFinite)) return { gradNorms, skipped: true };
    const byNorm = clip && "norm" in clip ? clip : undefined;
    const factors = byNorm ? clipFactors(gradNorms, byNorm) : [];
    for (const [i, group] of groups.entries()) {
      const numbers = program.numbers({
        learningRate: learningRate * (group.learningRateScale ?? 1),
        weightDecay: group.weightDecay ?? shared.weightDecay,
        step: shared.nextStep(),
      });
      const own = lengths[i] as number[];
      const clips =
        byNorm?.by === "weight" ? clipFactors(own, byNorm) : own.map(() => factors[i] ?? 1);
      const scales = clips.map((factor) => gradientScale * factor);
      await moveAll(parts[i] as Part[], scales, numbers, clip);
    }
    shared.countStep();
    isHalfway = false;
    return { gradNorms, skipped: false };
  }

  return {
    step,
    get isHalfway() {
      return isHalfway;
    },
    async release() {
      await squares.release();
      await move.release();
    },
  };
}

/** The elements of one axis, [1] each. */
function elements(x: Tensor): Tensor[] {
  return Array.from({ length: x.size }, (_, i) => slice(x, { axis: 0, start: i, end: i + 1 }));
}

/** A scalar weight comes out of its step with the one axis of the step's numbers. */
function like(w: Tensor, x: Tensor): Tensor {
  return x.rank === w.rank ? x : reshape(x, w.shape);
}

function* inChunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += weightsOfProgram)
    yield items.slice(i, i + weightsOfProgram);
}
