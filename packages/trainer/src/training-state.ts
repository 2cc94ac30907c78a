import { mapTree, type RandomState, subtree, type Tensor, type Weights } from "@hawksbill/core";
import type { OptimizerState } from "./optimizer.js";
import { TrainingError } from "./training-error.js";
import { parseVersioned } from "./versioned-json.js";

/**
 * All that is needed to go on exactly where training stands. Its tensors are the trained ones
 * themselves: save or copy them before the next step.
 */
export interface TrainingState {
  /** Steps made. */
  readonly step: number;
  /** Which round over the data, from 0. */
  readonly epoch: number;
  /** Batches of this epoch already used. */
  readonly batch: number;
  readonly weights: Weights;
  readonly optimizer: OptimizerState;
  readonly random: RandomState;
  /** Steps that were not finite: the last ones in a row, and in all. */
  readonly skipped?: { readonly inARow: number; readonly total: number };
  /** After which step the held-out batches were last measured. */
  readonly evaluatedStep?: number;
  /** The moving average of the weights. */
  readonly average?: Weights;
  readonly best?: BestState;
}

/** The lowest held-out loss so far. */
export interface BestState {
  readonly step: number;
  /** Infinite where all were NaN. */
  readonly loss: number;
  /** Evaluations since then. */
  readonly worseSince: number;
  /** The weights of that step. */
  readonly weights?: Weights;
}

/** A state as a safetensors file can hold it. */
export interface EncodedTrainingState {
  /** `weights.<name>`, `optimizer.<moment>.<name>`, `average.<name>` and `best.<name>`. */
  readonly tensors: Record<string, Tensor>;
  /** The rest, as JSON under one key. */
  readonly metadata: Record<string, string>;
}

const metadataKey = "hawksbill.training";
/** To be raised when older code could no longer read the state rightly. */
const formatVersion = 1;

/** Puts a state into the form of a safetensors file, e.g. for `writeSafetensors`. Nothing is copied. */
export function encodeTrainingState(state: TrainingState): EncodedTrainingState {
  const { weights, average, optimizer, best, ...rest } = state;
  const { weights: bestWeights, ...bestNumbers } = best ?? {};
  const tensors: Record<string, Tensor> = {};
  mapTree({ weights, optimizer: optimizer.moments, average, best: bestWeights }, (x, path) => {
    tensors[path] = x;
    return x;
  });
  const numbers = {
    version: formatVersion,
    ...rest,
    optimizerStep: optimizer.step,
    ...(best ? { best: bestNumbers } : {}),
  };
  return { tensors, metadata: { [metadataKey]: JSON.stringify(numbers) } };
}

/**
 * The state in a safetensors file that `encodeTrainingState` filled.
 *
 * @param file What error messages call the file.
 * @throws {TrainingError} It holds no state, or one of a newer version.
 */
export function decodeTrainingState(
  { tensors, metadata }: EncodedTrainingState,
  file = "the checkpoint",
): TrainingState {
  const { optimizerStep, best, ...rest } = parse(metadata[metadataKey], file);
  const moments: Record<string, Weights> = {};
  for (const name of Object.keys(tensors)) {
    const [part, moment] = name.split(".");
    if (part === "optimizer" && moment) moments[moment] ??= subtree(tensors, `optimizer.${moment}`);
  }
  const part = (name: "average" | "best"): Weights | undefined => {
    const weights = subtree(tensors, name);
    return Object.keys(weights).length > 0 ? weights : undefined;
  };
  const [average, bestWeights] = [part("average"), part("best")];
  return {
    ...rest,
    weights: subtree(tensors, "weights"),
    optimizer: { step: optimizerStep, moments },
    ...(average ? { average } : {}),
    ...(best
      ? {
          best: {
            ...best,
            loss: best.loss ?? Number.POSITIVE_INFINITY, // JSON has none.
            ...(bestWeights ? { weights: bestWeights } : {}),
          },
        }
      : {}),
  };
}

/** The numbers of a state. */
type Numbers = Omit<TrainingState, "weights" | "optimizer" | "average" | "best"> & {
  readonly optimizerStep: number;
  readonly best?: Omit<BestState, "weights" | "loss"> & { readonly loss: number | null };
};

function parse(json: string | undefined, file: string): Numbers {
  if (json === undefined)
    throw new TrainingError(
      `${file}: it holds no training state, only weights; start anew from them, or give a file that training saved`,
    );
  const form = { file, what: "training state", version: formatVersion };
  const numbers: Partial<Numbers> = parseVersioned(json, form);
  if (!countsOf(numbers).every(isCount))
    throw new TrainingError(`${file}: its training state is damaged; use an older checkpoint`);
  return numbers as Numbers;
}

/** What has to be a whole number, in a state that may be damaged. */
function countsOf(numbers: Partial<Numbers>): unknown[] {
  const { step, epoch, batch, optimizerStep, random, skipped, evaluatedStep = 0, best } = numbers;
  const [key0, key1] = random?.key ?? [];
  return [
    ...[step, epoch, batch, optimizerStep, key0, key1, random?.counter, evaluatedStep],
    ...(skipped ? [skipped.inARow, skipped.total] : []),
    ...(best ? [best.step, best.worseSince] : []),
  ];
}

function isCount(n: unknown): boolean {
  return Number.isSafeInteger(n) && Number(n) >= 0;
}
