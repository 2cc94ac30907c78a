import { type Device, linear, type Tensor, tensor, type Weights } from "@hawksbill/core";
import type { UnifiedVoiceConfig } from "@hawksbill/unified-voice";

/** A loaded model. */
export interface Model {
  readonly weights: Weights;
  readonly config: UnifiedVoiceConfig;
  readonly device: Device;
}

/** Rows of text and codes behind their start tokens, as `latents` reads them: the mel tables follow the text's. */
export function inputsOf(
  rows: readonly { readonly text: readonly number[]; readonly mel: readonly number[] }[],
  config: UnifiedVoiceConfig,
): { ids: Tensor; positions: Tensor } {
  const textPositions = config.maxTextTokens + 2;
  const ids = rows.map(({ text, mel }) => [
    config.startTextToken,
    ...text,
    config.stopTextToken,
    ...[config.startMelToken, ...mel].map((code) => config.textTokens + code),
  ]);
  const positions = rows.map(({ text, mel }) => [
    ...Array.from({ length: text.length + 2 }, (_, i) => i),
    ...Array.from({ length: mel.length + 1 }, (_, i) => textPositions + i),
  ]);
  return { ids: int32(ids), positions: int32(positions) };
}

/** @param rows Of one length. */
export function int32(rows: readonly (readonly number[])[]): Tensor {
  return tensor(Int32Array.from(rows.flat()), { shape: [rows.length, rows[0]?.length ?? 0] });
}

/** Logits of `text_head` or `mel_head`. */
export function head(weights: Weights, name: string, states: Tensor): Tensor {
  return linear(states, weights[`${name}.weight`] as Tensor, weights[`${name}.bias`] as Tensor);
}
