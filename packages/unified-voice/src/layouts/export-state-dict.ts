import type { Tensor, Weights } from "@hawksbill/core";
import { inferConfig, textPositions, weightShapes } from "../config.js";
import { namedWeight } from "../named-weight.js";
import { UnifiedVoiceError } from "../unified-voice-error.js";
import { type Layout, layoutExtras, needsExtras } from "./layout.js";
import { maskBuffers } from "./mask-buffers.js";

/** How a state dict is written. */
export interface ExportOptions {
  /** Default "tortoise". */
  readonly layout?: Layout;
  /** What `importStateDict` set aside, for a layout that has it. */
  readonly extras?: Weights;
  /**
   * Whether to add GPT-2's mask buffers: loading strictly, transformers up to 4.29.2 wants them and later ones
   * refuse them. Default false.
   */
  readonly maskBuffers?: boolean;
}

/**
 * The state dict that tortoise-tts or DL-Art-School loads strictly: all its tensors and no other.
 *
 * Nothing is copied; only mask buffers are new.
 *
 * @throws {CheckpointError} The weights are not a UnifiedVoice's.
 * @throws {UnifiedVoiceError} The layout needs extras that are not given, or does not have those that are.
 */
export function exportStateDict(weights: Weights, options: ExportOptions = {}): Weights {
  const { layout = "tortoise", extras = {} } = options;
  const config = inferConfig(weights, { heads: 1 }); // Any number divides by it, and none is written.
  const stateDict: Record<string, Tensor> = {};
  for (const name of Object.keys(weightShapes(config)))
    stateDict[name] = namedWeight(weights, name);

  const wanted = layoutExtras[layout];
  const foreign = Object.keys(extras).find((name) => !wanted.includes(name));
  if (foreign !== undefined)
    throw new UnifiedVoiceError(
      `exportStateDict: ${layout} has no ${foreign}; leave it out of the extras, or choose its layout`,
    );
  const given = wanted.filter((name) => Object.hasOwn(extras, name));
  const missing = wanted.find((name) => !given.includes(name));
  if (missing !== undefined && (needsExtras(layout) || given.length > 0))
    throw new UnifiedVoiceError(
      `exportStateDict: ${layout} needs ${missing}; give it as an extra, or choose the layout "tortoise", which no extras are needed for`,
    );
  Object.assign(stateDict, Object.fromEntries(given.map((name) => [name, extras[name]])));

  if (options.maskBuffers) {
    const melPositions = weights["mel_pos_embedding.emb.weight"]?.shape[0] ?? 0;
    Object.assign(stateDict, maskBuffers(config.layers, textPositions(config) + melPositions));
  }
  return stateDict;
}
