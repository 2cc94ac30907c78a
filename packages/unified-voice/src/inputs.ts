import { type Tensor, tensor } from "@hawksbill/core";
import { textPositions, type UnifiedVoiceConfig } from "./config.js";

/** What the GPT reads behind the conditioning, int32 [batch, positions] each. */
export interface Inputs {
  /** Rows of the text embedding, then of the mel embedding counted on. */
  readonly ids: Tensor;
  /** Rows of the text position table, then of the mel position table counted on. */
  readonly positions: Tensor;
}

/** Inputs of one row, one entry a position. */
export interface InputRow {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
}

/** Text from its start to its stop token, then (if there are any yet) codes behind their start token. */
export function inputRow(
  tokens: ArrayLike<number>,
  codes: ArrayLike<number> | undefined,
  config: UnifiedVoiceConfig,
): InputRow {
  const text = [config.startTextToken, ...Array.from(tokens), config.stopTextToken];
  const mel = codes ? [config.startMelToken, ...Array.from(codes)] : [];
  return {
    ids: [...text, ...mel.map((code) => config.textTokens + code)],
    positions: [...text.map((_, i) => i), ...mel.map((_, i) => textPositions(config) + i)],
  };
}

/** Rows as tensors, padded behind to a width: what follows a position cannot change it. */
export function inputTables(rows: readonly InputRow[], width: number): Inputs {
  return {
    ids: int32Table(
      rows.map((row) => row.ids),
      width,
    ),
    positions: int32Table(
      rows.map((row) => row.positions),
      width,
    ),
  };
}

/** Rows padded behind to a width. @returns int32 [rows, width]. */
export function int32Table(
  rows: readonly (readonly number[])[],
  width: number,
  padding = 0,
): Tensor {
  const data = new Int32Array(rows.length * width).fill(padding);
  rows.forEach((row, i) => {
    data.set(row, i * width);
  });
  return tensor(data, { shape: [rows.length, width] });
}

/** The next multiple of a number: few lengths need few programs. */
export function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
