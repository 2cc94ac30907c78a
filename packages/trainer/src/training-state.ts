import { mapTree, type RandomState, subtree, type Tensor, type Weights } from "@hawksbill/core";
import type { OptimizerState } from "./optimizer.js";
import { TrainingError } from "./training-error.js";

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
}

/** A state as a safetensors file can hold it. */
export interface EncodedTrainingState {
  /** `weights.<name>` and `optimizer.<moment>.<name>`. */
  readonly tensors: Record<string, Tensor>;
  /** The rest, as JSON under one key. */
  readonly metadata: Record<string, string>;
}

const metadataKey = "hawksbill.training";
/** To be raised when older code could no longer read the state rightly. */
const formatVersion = 1;

/** Puts a state into the form of a safetensors file, e.g. for `writeSafetensors`. Nothing is copied. */
export function encodeTrainingState(state: TrainingState): EncodedTrainingState {
  const { step, epoch, batch, weights, optimizer, random } = state;
  const tensors: Record<string, Tensor> = {};
  mapTree({ weights, optimizer: optimizer.moments }, (x, path) => {
    tensors[path] = x;
    return x;
  });
  const rest = {
    version: formatVersion,
    step,
    epoch,
    batch,
    optimizerStep: optimizer.step,
    random,
  };
  return { tensors, metadata: { [metadataKey]: JSON.stringify(rest) } };
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
  const { step, epoch, batch, optimizerStep, random } = parse(metadata[metadataKey], file);
  const moments: Record<string, Weights> = {};
  for (const name of Object.keys(tensors)) {
    const [part, moment] = name.split(".");
    if (part === "optimizer" && moment) moments[moment] ??= subtree(tensors, `optimizer.${moment}`);
  }
  const weights = subtree(tensors, "weights");
  return { step, epoch, batch, weights, optimizer: { step: optimizerStep, moments }, random };
}

interface Position {
  readonly step: number;
  readonly epoch: number;
  readonly batch: number;
  readonly optimizerStep: number;
  readonly random: RandomState;
}

function parse(json: string | undefined, file: string): Position {
  if (json === undefined)
    throw new TrainingError(
      `${file}: it holds no training state, only weights; start anew from them, or give a file that training saved`,
    );
  const { version, ...position } = parseObject(json);
  if (Number(version) > formatVersion)
    throw new TrainingError(
      `${file}: its training state has version ${version}, this program reads ${formatVersion}; update Hawksbill`,
    );
  const { step, epoch, batch, optimizerStep, random } = position;
  const [key0, key1] = random?.key ?? [];
  const counts = [step, epoch, batch, optimizerStep, key0, key1, random?.counter];
  if (version !== formatVersion || !counts.every((n) => Number.isSafeInteger(n) && Number(n) >= 0))
    throw new TrainingError(`${file}: its training state is damaged; use an older checkpoint`);
  return position as Position;
}

function parseObject(json: string): Partial<Position> & { readonly version?: unknown } {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
