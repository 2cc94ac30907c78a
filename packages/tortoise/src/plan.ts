import type { OptimizerName } from "./optimizer-named.js";
import { clipMemoryMB, fixedMemoryMB, type Trained } from "./plan-memory.js";
import type { ScheduleName } from "./schedule-named.js";

/** What counts of the clips to train on. */
export interface DatasetFacts {
  readonly clips: number;
  readonly longestSeconds: number;
  /** Tokens of the longest text. */
  readonly longestText: number;
}

export interface MachineFacts {
  /** All of it; a part is left to others. */
  readonly memoryMB: number;
  /** Whether a GPU trains, with a memory of its own that is not known: then `memoryMB` stands for it. */
  readonly hasGpu?: boolean;
}

/** See `modelFacts`. */
export interface ModelFacts {
  readonly parameters: number;
  readonly layers: number;
  readonly modelDim: number;
  readonly heads: number;
  /** Rows of its mel head. */
  readonly codes: number;
  readonly codesPerSecond: number;
  /** Of the encoder that hears other clips of the voice, of so many frames each; default none. */
  readonly conditioning?: { readonly blocks: number; readonly frames: number };
  /** Of full fine-tuning, where the model brings one: then it is one of Hawksbill's small models. */
  readonly learningRate?: number;
  /** Of full fine-tuning, of a model that is no UnifiedVoice; the reason is a part of a sentence. */
  readonly usualRate?: Planned<number>;
}

/** What is decided already. */
export interface PlanOverrides extends Partial<Trained> {
  readonly batchSize?: number;
  readonly accumulate?: number;
  readonly steps?: number;
  readonly learningRate?: number;
  readonly schedule?: ScheduleName;
  readonly warmupSteps?: number;
  readonly evaluateEvery?: number;
  readonly checkpointEvery?: number;
}

/** A setting, and why it is so. */
export interface Planned<T> {
  readonly value: T;
  /** A sentence. */
  readonly why: string;
}

/** Settings of a fine-tuning. */
export interface Plan {
  /** Clips that are computed at once. */
  readonly batchSize: Planned<number>;
  /** Batches a step. */
  readonly accumulate: Planned<number>;
  readonly steps: Planned<number>;
  readonly learningRate: Planned<number>;
  readonly schedule: Planned<ScheduleName>;
  readonly warmupSteps: Planned<number>;
  readonly evaluateEvery: Planned<number>;
  readonly checkpointEvery: Planned<number>;
  /** A rough estimate of what training takes. */
  readonly memoryMB: Planned<number>;
}

/** Rounds over the clips: fewer teach too little, more are learnt by heart. */
const epochs = 15;
const fewestSteps = 100;
/** Clips a step, at most; a step of a quarter of all clips is as good as one of them all. */
const mostClipsAStep = 32;
/** Of the machine, for training. */
const memoryShare = 0.6;
/** The released UnifiedVoice's, in full fine-tuning. */
const releasedRate: Planned<number> = {
  value: 5e-6,
  why: "full fine-tuning of the released model keeps its speech at 0.000005",
};
/**
 * An adapter's numbers begin at 0 and have further to go. Measured on the small model, 16 steps at rank 16: 1, 5, 10,
 * 20 times its rate bring the held-out mel loss from 7.14 to 6.95, 5.66, 5.18, 4.92; full fine-tuning to 5.23.
 */
export const adapterRateFactor = 20;
/** What Hawksbill's small models were measured with. */
const smallModel = { steps: 100, batchSize: 8 } as const;

/**
 * Settings for a fine-tuning from what is known of dataset, machine and model. The same facts give the same plan.
 *
 * @param overrides Kept as they are; the rest is planned around them.
 */
export function plan(
  dataset: DatasetFacts,
  machine: MachineFacts,
  model: ModelFacts,
  overrides: PlanOverrides = {},
): Plan {
  const { optimizer = "adamw", rank } = overrides;
  const training = { ...overrides, optimizer };
  const fixed = fixedMemoryMB(model, training);
  const perClip = clipMemoryMB(model, dataset, training);
  const room = Math.floor((memoryShare * machine.memoryMB - fixed) / perClip);
  const { batchSize, accumulate } = planBatch(dataset, room, model, overrides);
  const clipsAStep = batchSize.value * accumulate.value;
  const steps = planned(overrides.steps, () => planSteps(dataset, clipsAStep, model));
  const evaluateEvery = planned(overrides.evaluateEvery, () => planEvaluations(steps.value));
  return {
    batchSize,
    accumulate,
    steps,
    learningRate: planned(overrides.learningRate, () => planRate(model, optimizer, rank)),
    schedule: planned(overrides.schedule, () => ({
      value: "cosine",
      why: "big steps first, small ones at the end: it falls to a tenth of the rate, and no milestone has to be guessed.",
    })),
    warmupSteps: planned(overrides.warmupSteps, () => ({
      value: Math.ceil(steps.value / 10),
      why: "a tenth of the steps: the optimiser's means have to settle before full steps are safe.",
    })),
    evaluateEvery,
    checkpointEvery: planned(overrides.checkpointEvery, () => ({
      value: evaluateEvery.value,
      why: "as often as the held-out clips are measured, so that each checkpoint has its loss.",
    })),
    memoryMB: planMemory(fixed, perClip, batchSize.value, machine),
  };
}

function planned<T>(given: T | undefined, derive: () => Planned<T>): Planned<T> {
  return given === undefined ? derive() : { value: given, why: "as given." };
}

function planBatch(
  { clips }: DatasetFacts,
  room: number,
  model: ModelFacts,
  given: PlanOverrides,
): Pick<Plan, "batchSize" | "accumulate"> {
  if (model.learningRate !== undefined) {
    const why = "what Hawksbill's small models were measured with.";
    return {
      batchSize: planned(given.batchSize, () => ({ value: smallModel.batchSize, why })),
      accumulate: planned(given.accumulate, () => ({ value: 1, why })),
    };
  }
  const wanted = Math.max(1, Math.min(mostClipsAStep, Math.floor(clips / 4)));
  const most = Math.max(1, Math.min(room, wanted));
  const isByParts = given.update === "parts"; // Then the first batch moves weights already.
  const batchSize = planned(given.batchSize, () => {
    const batches = given.accumulate ?? (isByParts ? 1 : Math.ceil(wanted / most));
    const value = Math.ceil(wanted / batches);
    const limit = room < wanted ? `memory has room for ${most} at once` : "memory has room for all";
    return {
      value: Math.min(value, most),
      why: `a step is to have ${wanted} clips, a quarter of the ${clips} but at most ${mostClipsAStep}; ${limit}.`,
    };
  });
  const accumulate = planned(given.accumulate, () => {
    if (isByParts)
      return { value: 1, why: "weights that move part by part take one batch a step." };
    const value = Math.max(1, Math.round(wanted / batchSize.value));
    const sum = value === 1 ? "one batch has" : `so many batches together have`;
    return { value, why: `${sum} the ${value * batchSize.value} clips of a step.` };
  });
  return { batchSize, accumulate };
}

function planSteps(
  { clips }: DatasetFacts,
  clipsAStep: number,
  { learningRate }: ModelFacts,
): Planned<number> {
  if (learningRate !== undefined)
    return { value: smallModel.steps, why: "what Hawksbill's small models were measured with." };
  const stepsAnEpoch = Math.ceil(clips / clipsAStep);
  const value = Math.max(fewestSteps, epochs * stepsAnEpoch);
  const rounds = Math.round(value / stepsAnEpoch);
  const why =
    value === fewestSteps
      ? `the fewest that change a model; ${rounds} rounds over ${clips} clips, so listen for what is learnt by heart.`
      : `${epochs} rounds over ${clips} clips, ${stepsAnEpoch} steps each: more are learnt by heart.`;
  return { value, why };
}

/** How an optimiser's rate compares with AdamW's. */
function rateFactor(optimizer: OptimizerName, trained: number): Planned<number> {
  if (optimizer === "lion")
    return { value: 0.2, why: " Lion moves every weight by all of it, so a fifth of AdamW's." };
  if (optimizer === "sgd")
    return {
      value: Math.sqrt(trained) / 10,
      why: " SGD's step is as long as the clipped gradient, AdamW's as the root of the number of weights; momentum makes it ten times longer.",
    };
  return { value: 1, why: "" };
}

function planRate(
  model: ModelFacts,
  optimizer: OptimizerName,
  rank: number | undefined,
): Planned<number> {
  const { value: base, why: of } =
    model.learningRate === undefined
      ? (model.usualRate ?? releasedRate)
      : { value: model.learningRate, why: `${model.learningRate} is the model's own` };
  const factor = rateFactor(optimizer, model.parameters);
  const isAdapter = rank !== undefined;
  const adapter = isAdapter ? `, and an adapter stands ${adapterRateFactor} times as much` : "";
  const rate = base * factor.value * (isAdapter ? adapterRateFactor : 1);
  return { value: Number(rate.toPrecision(2)), why: `${of}${adapter}.${factor.why}` };
}

function planEvaluations(steps: number): Planned<number> {
  const times = Math.min(20, Math.max(5, Math.floor(steps / 20)));
  return {
    value: Math.max(1, Math.ceil(steps / times)),
    why: `${times} times in all: often enough to see the loss turn, seldom enough to cost little.`,
  };
}

function planMemory(
  fixed: number,
  perClip: number,
  batchSize: number,
  { memoryMB, hasGpu = false }: MachineFacts,
): Planned<number> {
  const value = Math.ceil(fixed + batchSize * perClip);
  const parts = `${Math.ceil(fixed)} MB for weights and optimiser, ${Math.ceil(perClip)} MB for each clip of a batch`;
  const fits = value <= memoryShare * memoryMB;
  const advice = `; that is much for the ${Math.floor(memoryMB)} MB of this machine: an adapter beside an int8 base, weights that move part by part, the optimiser adamw8bit or shorter clips take less`;
  const guess = hasGpu
    ? "; how much the GPU has is not known, so the machine's memory stands for it: with less, give a smaller batch size"
    : "";
  return { value, why: `${parts}${fits ? "" : advice}${guess}.` };
}
