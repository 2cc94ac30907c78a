import { CliError } from "../cli-error.js";
import { optionOf, type RunSettings } from "../run/run-config.js";

type Settings = Partial<RunSettings>;

interface Condition {
  /** Settings that do nothing where it is not met. */
  readonly of: readonly (keyof RunSettings)[];
  readonly isMet: (settings: Settings) => boolean;
  /** Goes on from the option's name. */
  readonly problem: string;
}

const conditions: readonly Condition[] = [
  {
    of: ["milestones", "gamma"],
    isMet: ({ schedule }) => schedule === "multistep",
    problem: "is for --schedule multistep; give that, too, or leave it out",
  },
  {
    of: ["restartEvery"],
    isMet: ({ schedule }) => schedule === "restarts",
    problem: "is for --schedule restarts; give that, too, or leave it out",
  },
  {
    of: ["loraAlpha", "loraLayers"],
    isMet: ({ lora }) => lora !== undefined,
    problem: "is for adapters; give --lora with a rank, too, or leave it out",
  },
  {
    of: ["basePrecision"],
    isMet: ({ lora, basePrecision }) => lora !== undefined || basePrecision === "fp32",
    problem:
      "is for the base beside an adapter; give --lora with a rank, too, or leave it out: all weights are trained in fp32",
  },
  {
    of: ["programs"],
    isMet: ({ basePrecision = "fp32", programs }) =>
      basePrecision === "fp32" || programs !== "whole",
    problem:
      "whole would widen the base again that --base-precision keeps narrow; leave one of the two out",
  },
  {
    of: ["update"],
    isMet: ({ update, accumulate = 1 }) => update !== "parts" || accumulate === 1,
    problem: "parts takes one batch a step, and --accumulate gives more; leave one of the two out",
  },
  {
    of: ["update"],
    isMet: ({ update, clip, clipBy = clip === undefined ? undefined : "all" }) =>
      update !== "parts" || (clipBy !== "all" && clipBy !== "group"),
    problem:
      "parts never has all gradients together, or those of a group, by which they are clipped; give --clip-by weight or value, or leave --clip out",
  },
  {
    of: ["update"],
    isMet: ({ update, programs }) => update !== "parts" || programs !== "whole",
    problem: "parts goes block by block, which --programs whole does not; leave one of the two out",
  },
  {
    of: ["datasetWeights"],
    isMet: ({ moreDatasets = [] }) => moreDatasets.length > 0,
    problem: "is for several datasets; give all of them to --dataset, or leave it out",
  },
  {
    of: ["warmupSteps"],
    isMet: ({ warmupSteps = 0, steps = warmupSteps }) => warmupSteps <= steps,
    problem: "is more than --steps, so that the full rate would never be reached; give fewer",
  },
  {
    of: ["best", "patience", "keepBest"],
    isMet: ({ heldOut, heldOutLists }) => heldOut !== 0 || heldOutLists !== undefined,
    problem: "needs held-out clips to measure, but --held-out is 0; hold some out, or leave it out",
  },
];

/**
 * Refuses options that would do nothing.
 *
 * @param typed The options that were given, by the names of their settings.
 * @param settings What they come to together with those of a file and of the run that goes on.
 */
export function requireEffect(typed: object, settings: Settings): void {
  const names = namesIn(typed);
  for (const { of, isMet, problem } of conditions) {
    const idle = of.find((name) => names.includes(name));
    if (idle !== undefined && !isMet(settings)) throw new CliError(`${optionOf(idle)} ${problem}`);
  }
}

/** What a range test, which raises the rate for some steps and keeps nothing, does not do. */
const ofWholeRuns: readonly (keyof RunSettings)[] = [
  ...(["schedule", "warmupSteps", "milestones", "gamma", "restartEvery"] as const),
  ...(["evaluateEvery", "best", "patience", "averageDecay"] as const),
  ...(["checkpointEvery", "keepLast", "keepBest", "sampleEvery", "decoderSteps"] as const),
];

/**
 * Refuses options with `--range-test` that would do nothing there.
 *
 * @param typed Those of the command line: a file of settings may have what the run is to do later.
 */
export function requireOfRangeTest(typed: object): void {
  const idle = ofWholeRuns.find((name) => namesIn(typed).includes(name));
  if (idle !== undefined)
    throw new CliError(
      `${optionOf(idle)} is for the run itself, and --range-test only looks for its learning rate; leave one of the two out`,
    );
}

function namesIn(typed: object): string[] {
  return Object.entries(typed).flatMap(([name, value]) => (value === undefined ? [] : name));
}

/** Refuses what is for new runs with `--resume`, and what is for resumed ones without. */
export function requireKind(typed: {
  readonly resume?: string | undefined;
  readonly plan?: true | undefined;
  readonly rangeTest?: true | undefined;
  readonly acceptChanges?: true | undefined;
}): void {
  const { resume, plan, rangeTest, acceptChanges } = typed;
  if (resume === undefined) {
    if (acceptChanges)
      throw new CliError("--accept-changes is for --resume RUN; give that, too, or leave it out");
  } else if (plan || rangeTest)
    throw new CliError(
      `${plan ? "--plan" : "--range-test"} is for a run that is still to be begun, and --resume goes on with one; leave one of the two out`,
    );
}
