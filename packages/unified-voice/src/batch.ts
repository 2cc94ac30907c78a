import type { Mel } from "@hawksbill/audio";
import { type Tensor, tensor } from "@hawksbill/core";
import { checkCodes, checkTokens } from "./check-input.js";
import { melBands, type UnifiedVoiceConfig } from "./config.js";
import {
  type InputRow,
  type Inputs,
  inputRow,
  inputTables,
  int32Table,
  roundUp,
} from "./inputs.js";
import { UnifiedVoiceError } from "./unified-voice-error.js";

/** A clip to learn from. */
export interface TrainingItem {
  /** Text token ids, without start token; the model adds a stop token. */
  readonly tokens: ArrayLike<number>;
  /** The clip's mel codes and no more: without start, stop and the codes of padding. */
  readonly codes: ArrayLike<number>;
  /** Clips of the same voice, all of one length; as many in each item of a batch. */
  readonly conditioning: readonly Mel[];
  /** Length of the clip at 22,050 Hz; only the recipe "dlas" reads it, where codes include those of padding. */
  readonly samples?: number;
}

/**
 * How a clip becomes inputs and targets.
 *
 * "hawksbill": exact lengths, the stop token taught after the last code of each clip, one conditioning
 * position (the clips' mean, as in generation), padding never seen.
 * "dlas": what DL-Art-School does, its bugs included, to compare with it.
 */
export type Recipe = "hawksbill" | "dlas";

/** Tensors of several clips; each row is conditioning, start, text, stop, start, codes, padding. */
export interface Batch extends Inputs {
  readonly recipe: Recipe;
  /** What each position, the conditioning ones before them too, is to predict, or `ignored`; int32 [batch, conditioning + positions]. */
  readonly textTargets: Tensor;
  readonly melTargets: Tensor;
  /** [batch, clips, bands = 80, frames]. */
  readonly conditioning: Tensor;
  /** 1 for rows that hear their voice, 0 for those that get zeros in its place, [batch]; default all hear it. See `dropConditioning`. */
  readonly voiceKept?: Tensor;
}

/** Marks a position that predicts nothing. */
export const ignored = -1;

export interface BatchOptions {
  /** Default "hawksbill". */
  readonly recipe?: Recipe;
  /**
   * Rows are padded to a multiple of so many positions (default 1). Programs are compiled for each length:
   * 16 or 32 keeps them few. Padding changes nothing in the recipe "hawksbill".
   */
  readonly padTo?: number;
  /** DL-Art-School's flag of this name, on in its configs: clip lengths count 1024 times. Only for "dlas"; default true. */
  readonly tortoiseCompat?: boolean;
}

/** Samples of audio that one mel code stands for. */
const samplesPerCode = 1024;

/** A row while it is put together: one entry a position. */
interface Row extends InputRow {
  readonly textTargets: number[];
  readonly melTargets: number[];
}

/**
 * Clips as the tensors that `trainingLosses` takes. They are the caller's to dispose of.
 *
 * @throws {UnifiedVoiceError} Nothing to learn, a token outside the vocabulary, a clip too long for the
 *   model, or conditioning clips of different number or length. It names the item.
 */
export function makeBatch(
  items: readonly TrainingItem[],
  config: UnifiedVoiceConfig,
  options: BatchOptions = {},
): Batch {
  const { recipe = "hawksbill", padTo = 1 } = options;
  const [first] = items;
  if (!first) throw new UnifiedVoiceError("makeBatch: the batch is empty; give at least one item");
  if (!Number.isInteger(padTo) || padTo < 1)
    throw new UnifiedVoiceError(
      `makeBatch: padTo is ${padTo}; give a whole number of positions above 0`,
    );
  items.forEach((item, i) => {
    checkTokens("makeBatch", item.tokens, config, i);
    checkCodes("makeBatch", item.codes, config, i);
    checkConditioning(item, first, i);
  });
  const rows =
    recipe === "hawksbill"
      ? items.map((item) => exactRow(item, config))
      : dlasRows(items, config, options.tortoiseCompat ?? true);
  const conditioningPositions = recipe === "hawksbill" ? 1 : first.conditioning.length;
  const longest = Math.max(...rows.map((row) => row.ids.length));
  const S = roundUp(conditioningPositions + longest, padTo);
  const targets = (name: "textTargets" | "melTargets"): Tensor =>
    int32Table(
      rows.map((row) => row[name]),
      S,
      ignored,
    );
  return {
    recipe,
    ...inputTables(rows, S - conditioningPositions),
    textTargets: targets("textTargets"),
    melTargets: targets("melTargets"),
    conditioning: stackMels(items.map((item) => item.conditioning)),
  };
}

/** The row of a clip alone: each position predicts the next one of its own kind, the last code the stop token. */
function exactRow(item: TrainingItem, config: UnifiedVoiceConfig): Row {
  const tokens = Array.from(item.tokens);
  const codes = Array.from(item.codes);
  const nothing = (count: number): number[] => Array<number>(count).fill(ignored);
  return {
    ...inputRow(tokens, codes, config),
    textTargets: [ignored, ...tokens, config.stopTextToken, ignored],
    melTargets: [...nothing(1 + tokens.length + 2), ...codes, config.stopMelToken],
  };
}

/**
 * The rows as DL-Art-School's `unified_voice2.py` (5ab4d9ed) makes them. Its bugs, kept here:
 * padding is input and target like all else; with `tortoiseCompat` lengths in samples count 1024 times, so
 * that stop tokens come only after the padding of the longest clip; one position is taken off before the text
 * logits, however many conditioning positions there are, so that with two of them the text is predicted early.
 */
function dlasRows(
  items: readonly TrainingItem[],
  config: UnifiedVoiceConfig,
  tortoiseCompat: boolean,
): Row[] {
  const { stopTextToken, stopMelToken } = config;
  const lengths = items.map(({ samples, codes }) => {
    const whole = samples ?? codes.length * samplesPerCode;
    return Math.floor((tortoiseCompat ? whole * samplesPerCode : whole) / samplesPerCode);
  });
  const longestText = Math.max(...items.map((item) => item.tokens.length));
  const longestMel = Math.min(
    Math.max(...lengths),
    Math.max(...items.map((item) => item.codes.length)),
  );
  const padded = (values: ArrayLike<number>, length: number, fill: number): number[] =>
    Array.from({ length }, (_, i) => values[i] ?? fill);
  return items.map((item, b) => {
    const text = padded(item.tokens, longestText, stopTextToken);
    const end = (lengths[b] ?? 0) + 1; // One code past the end, as the dVAE sees past it.
    const mel = padded(Array.from(item.codes).slice(0, end), longestMel + 1, stopMelToken);
    mel.fill(stopMelToken, longestMel);
    const before = Array<number>(item.conditioning.length).fill(ignored);
    const textTargets = [...text, stopTextToken, stopTextToken];
    return {
      ...inputRow(text, mel, config),
      textTargets: [ignored, ...textTargets],
      melTargets: [...before, ...textTargets.map(() => ignored), ...mel, stopMelToken],
    };
  });
}

function checkConditioning(item: TrainingItem, first: TrainingItem, i: number): void {
  const frames = first.conditioning[0]?.frames;
  const count = item.conditioning.length;
  const fail = (problem: string): never => {
    throw new UnifiedVoiceError(`makeBatch: item ${i} ${problem}`, { item: i });
  };
  if (count === 0) fail("has no conditioning clip; give at least one");
  if (count !== first.conditioning.length)
    fail(
      `has ${count} conditioning clips, item 0 has ${first.conditioning.length}; give every item as many`,
    );
  for (const mel of item.conditioning) {
    if (mel.bands !== melBands || mel.data.length !== mel.bands * mel.frames || mel.frames < 1)
      fail(
        `has a conditioning mel of ${mel.bands} bands and ${mel.frames} frames in ${mel.data.length} numbers; give ${melBands} bands`,
      );
    if (mel.frames !== frames)
      fail(
        `has a conditioning clip of ${mel.frames} frames, item 0 of ${frames}; cut all to one length`,
      );
  }
}

/** [items, clips, bands, frames]. */
function stackMels(items: readonly (readonly Mel[])[]): Tensor {
  const [first] = items.flat();
  const size = first?.data.length ?? 0;
  const clips = items[0]?.length ?? 0;
  const data = new Float32Array(items.length * clips * size);
  items.flat().forEach((mel, i) => {
    data.set(mel.data, i * size);
  });
  return tensor(data, { shape: [items.length, clips, melBands, first?.frames ?? 0] });
}
