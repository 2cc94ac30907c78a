import {
  type Device,
  disposeTree,
  type Tensor,
  type TypedArray,
  tensor,
  type Weights,
} from "@hawksbill/core";
import { deviceOptimizer, type ProgramRule } from "./device-optimizer.js";
import { clipFactors, clipValues, sumOfSquares } from "./gradient-norm.js";
import { copyWeights, hostFloats, requireSameForm } from "./host-weights.js";
import type {
  Clip,
  ClipNorm,
  Optimizer,
  OptimizerState,
  StepInParts,
  StepOptions,
  StepReport,
} from "./optimizer.js";
import { decayGroups, type ParameterGroup } from "./parameter-groups.js";
import { requireStep } from "./require-step.js";
import { TrainingError } from "./training-error.js";

/** What one optimiser does to one weight, and what it remembers of it. */
export interface UpdateRule<State extends Moments> {
  /** Begins error messages. */
  readonly name: string;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Default: two, by `decayGroups`. */
  readonly groups: readonly ParameterGroup[] | undefined;
  /** What it remembers of a weight of so many elements, before the first step. */
  begin(size: number): State;
  /** One step, in place over the weight `w` and its state. */
  update(w: Float32Array, g: Float32Array, state: State, settings: StepSettings): void;
  /** The same step as operators; left out where there are none for it. */
  readonly program?: ProgramRule;
}

/** An optimiser's arrays for one weight, by their names. */
type Moments = Readonly<Record<string, TypedArray>>;

/** What the weights of a group have in common in one step. */
export interface StepSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Gradients are to be multiplied by this: it holds the clipping, too. */
  readonly gradientScale: number;
  /** Counted from 1. */
  readonly step: number;
}

/**
 * An optimiser on the host: `rule` for every weight, with all that optimisers have in common
 * (groups, clipping, steps that are not finite, the state to be saved).
 *
 * @throws {TrainingError} A weight is in no group or in two, or a group names a weight that is not there.
 */
export function hostOptimizer<State extends Moments>(
  weights: Weights,
  rule: UpdateRule<State>,
): Optimizer {
  const { name: who, learningRate, weightDecay, program } = rule;
  const groups = rule.groups ?? decayGroups(weights);
  requirePartition(who, weights, groups);
  const states = new Map(Object.entries(weights).map(([name, w]) => [name, rule.begin(w.size)]));
  const moments = momentsOf(weights, states);
  const sizes = new Map(Object.entries(weights).map(([name, { size }]) => [name, size]));
  let steps = 0;

  /** The arrays of some weights, all looked up before any is changed: a step is made whole or not at all. */
  function arraysOf(names: readonly string[], weights: Weights, grads: Weights): Arrays<State>[] {
    return names.map((name) => {
      const w = hostFloats(`${who}: weight`, weights, name);
      const g = hostFloats(`${who}: gradient`, grads, name);
      const size = sizes.get(name);
      if (w.length !== size || g.length !== size)
        throw new TrainingError(
          `${who}: "${name}" has ${w.length} elements and ${g.length} gradients; it was made for ${size}`,
        );
      return { w, g, state: states.get(name) as State };
    });
  }

  /**
   * Moves the weights of some groups, or of parts of them.
   *
   * @param arrays Of each group.
   * @returns The groups' lengths, and whether all were finite: else nothing is changed.
   */
  function move(
    arrays: readonly (readonly Arrays<State>[])[],
    step: number,
    { gradientScale = 1, clip, learningRate: rate = learningRate }: StepOptions,
  ): StepReport {
    const squares = arrays.map((group) => group.map(({ g }) => sumOfSquares(g)));
    const normOf = (squares: readonly number[]): number =>
      gradientScale * Math.sqrt(squares.reduce((sum, own) => sum + own, 0));
    const gradNorms = squares.map(normOf);
    if (!gradNorms.every(Number.isFinite)) return { gradNorms, skipped: true };
    const byNorm = clip && "norm" in clip ? clip : undefined;
    const factors = byNorm ? clipFactors(gradNorms, byNorm) : [];
    groups.forEach((group, i) => {
      const own = (squares[i] ?? []).map((square) => normOf([square]));
      const ofWeights = byNorm?.by === "weight" ? clipFactors(own, byNorm) : [];
      const settings = {
        learningRate: rate * (group.learningRateScale ?? 1),
        weightDecay: group.weightDecay ?? weightDecay,
        step,
      };
      for (const [j, { w, g, state }] of (arrays[i] ?? []).entries()) {
        if (clip && "value" in clip) clipValues(g, clip.value / gradientScale);
        const factor = ofWeights[j] ?? factors[i] ?? 1;
        rule.update(w, g, state, { ...settings, gradientScale: gradientScale * factor });
      }
    });
    return { gradNorms, skipped: false };
  }

  function step(weights: Weights, grads: Weights, options: StepOptions = {}): StepReport {
    requireStep(who, { learningRate: options.learningRate ?? learningRate, clip: options.clip });
    const arrays = groups.map(({ names }) => arraysOf(names, weights, grads));
    const report = move(arrays, steps + 1, options);
    if (!report.skipped) steps++;
    return report;
  }

  function begin(weights: Weights, options: StepOptions = {}): StepInParts {
    const { clip } = options;
    requireStep(who, { learningRate: options.learningRate ?? learningRate, clip });
    if (clip && "norm" in clip && clip.by === "all")
      throw new TrainingError(
        `${who}: gradients cannot be clipped all together before all are there; clip by "weight", by value, or not`,
      );
    const squares = groups.map(() => 0);
    const came = new Set<string>();
    let hasMoved = false;
    let skipped = false;
    return {
      get hasMoved() {
        return hasMoved;
      },
      update(grads) {
        for (const name of Object.keys(grads))
          if (!sizes.has(name) || came.has(name))
            throw new TrainingError(
              `${who}: gradient "${name}" ${sizes.has(name) ? "came before" : "belongs to no weight"}; give one for each weight`,
            );
        const arrays = groups.map(({ names }) => {
          const own = names.filter((name) => name in grads);
          const missing = names.find((name) => !(name in grads));
          if (clipsGroups(clip) && own.length > 0 && missing !== undefined)
            throw new TrainingError(
              `${who}: "${missing}" is missing, which is clipped in one group with "${own[0]}"; give the groups' gradients whole, or clip by "weight"`,
            );
          return arraysOf(own, weights, grads);
        });
        const report = move(arrays, steps + 1, options);
        report.gradNorms.forEach((norm, i) => {
          squares[i] = (squares[i] as number) + norm ** 2;
        });
        for (const name of Object.keys(grads)) came.add(name);
        skipped ||= report.skipped;
        hasMoved ||= !report.skipped && Object.keys(grads).length > 0;
        return !report.skipped;
      },
      end() {
        const missing = [...sizes.keys()].find((name) => !came.has(name));
        if (!skipped && missing !== undefined)
          throw new TrainingError(`${who}: gradient "${missing}" is missing`);
        if (!skipped) steps++;
        return { gradNorms: squares.map(Math.sqrt), skipped };
      },
    };
  }

  return {
    learningRate,
    get state(): OptimizerState {
      return { step: steps, moments };
    },
    step,
    begin,
    ...(program && {
      onDevice: (device: Device) =>
        deviceOptimizer(device, {
          name: who,
          learningRate,
          weightDecay,
          groups,
          moments,
          program,
          nextStep: () => steps + 1,
          countStep: () => steps++,
        }),
    }),
    load(state) {
      const [got, wanted] = [state.moments, moments].map((x) => Object.keys(x).sort().join(", "));
      if (got !== wanted)
        throw new TrainingError(
          `${who}.load: the state has ${got || "no moments"}, wanted ${wanted || "none"}; go on with the optimiser that it was saved of`,
        );
      const each = Object.entries(moments).map(
        ([name, to]) => [`${who}.load: ${name}`, state.moments[name] ?? {}, to] as const,
      );
      for (const one of each) requireSameForm(...one); // All before any is changed.
      for (const one of each) copyWeights(...one);
      steps = state.step;
    },
    dispose() {
      disposeTree(moments);
      states.clear();
    },
  };
}

function clipsGroups(clip: Clip | undefined): clip is ClipNorm {
  return clip !== undefined && "norm" in clip && clip.by !== "weight";
}

/** One weight's elements. */
interface Arrays<State> {
  readonly w: Float32Array;
  readonly g: Float32Array;
  readonly state: State;
}

/** The arrays of all weights as tensors, which share their elements: by moment, then by weight. */
function momentsOf(
  weights: Weights,
  states: ReadonlyMap<string, Moments>,
): Record<string, Weights> {
  const moments: Record<string, Record<string, Tensor>> = {};
  for (const [name, state] of states)
    for (const [moment, data] of Object.entries(state)) {
      const { shape = [], size } = weights[name] ?? {};
      moments[moment] ??= {};
      moments[moment][name] = tensor(data, { shape: data.length === size ? shape : [data.length] });
    }
  return moments;
}

function requirePartition(who: string, weights: Weights, groups: readonly ParameterGroup[]): void {
  const grouped = groups.flatMap((group) => group.names);
  const seen = new Set<string>();
  for (const name of grouped) {
    if (!(name in weights))
      throw new TrainingError(
        `${who}: a group names "${name}", which is not among the weights; take it out`,
      );
    if (seen.has(name))
      throw new TrainingError(`${who}: "${name}" is in two groups; name it in one`);
    seen.add(name);
  }
  const missing = Object.keys(weights).filter((name) => !seen.has(name));
  if (missing.length > 0)
    throw new TrainingError(
      `${who}: ${missing.map((name) => `"${name}"`).join(", ")} is in no group; add it to one, or leave it out of the weights to freeze it`,
    );
}
