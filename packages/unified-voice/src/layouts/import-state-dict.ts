import { CheckpointError, inspect, modelSizes } from "@hawksbill/checkpoint";
import type { Weights } from "@hawksbill/core";
import { type Layout, layoutExtras } from "./layout.js";
import { firstName } from "./second-names.js";

/** What became of a tensor of a state dict that is not in the weights under its own name. */
export interface LayoutChange {
  /** Its name in the state dict. */
  readonly tensor: string;
  readonly change: "renamed" | "dropped" | "set aside";
  /** Its name in the weights, if it was renamed. */
  readonly to?: string;
  readonly why: string;
}

/** A state dict in the form that this package computes with. */
export interface ImportedStateDict {
  readonly weights: Weights;
  /** "tortoise" also for DL-Art-School's unified_voice2, which has the same tensors. */
  readonly layout: Layout;
  /** What `exportStateDict` needs to write the layout again: solo embeddings, heads of aligned text. */
  readonly extras: Weights;
  /** All that was done, a tensor each. */
  readonly changes: readonly LayoutChange[];
}

/**
 * The weights in a UnifiedVoice's state dict, of tortoise-tts or of DL-Art-School's definitions 2, 3 and 4.
 *
 * Prefixes of wrappers (`module.`, `state_dict.`) are taken off the names. Mask buffers and the copies that
 * generation makes are dropped; a copy whose weight is missing takes its place. Solo embeddings and the
 * heads of aligned text are set aside. Text tables of several `types` are as the others: a token of
 * type k is id · (1 + k), so for the one type of the released model nothing is multiplied.
 *
 * Nothing is copied: tensors that are dropped stay the caller's to dispose of.
 *
 * @param file What errors call the state dict.
 * @throws {CheckpointError} It is of another model, or a tensor is missing or has a wrong shape.
 */
export function importStateDict(
  stateDict: Weights,
  file = "UnifiedVoice state dict",
): ImportedStateDict {
  requireCodes(stateDict, file);
  const { named, changes } = withFirstNames(stateDict);
  const { prefix, ignored, unexpected, kind, title } = inspect({ tensors: named });
  if (kind !== "unified-voice")
    throw new CheckpointError(file, `is of another kind (${title}); give a UnifiedVoice's`);

  const purposes = new Map(ignored.flatMap(({ what, tensors }) => tensors.map((t) => [t, what])));
  for (const tensor of unexpected) purposes.set(tensor, "no part of a UnifiedVoice");
  const extraNames = new Set(Object.values(layoutExtras).flat());
  const weights: Record<string, Weights[string]> = {};
  const extras: Record<string, Weights[string]> = {};
  for (const [tensor, x] of Object.entries(named)) {
    const why = purposes.get(tensor);
    const name = tensor.slice(prefix.length);
    if (why !== undefined) changes.push({ tensor, change: "dropped", why });
    else if (extraNames.has(name)) {
      extras[name] = x;
      changes.push({ tensor, change: "set aside", why: "it is only used in training" });
    } else {
      weights[name] = x;
      if (prefix)
        changes.push({ tensor, change: "renamed", to: name, why: `${prefix} is a wrapper's` });
    }
  }
  modelSizes("unified-voice", weights, [], file);
  return { weights, layout: layoutOf(extras), extras, changes };
}

/** With `use_mel_codes_as_input=False` an encoder is in the place of the codes' table. */
function requireCodes(stateDict: Weights, file: string): void {
  const encoder = Object.keys(stateDict).find((name) =>
    /(^|\.)mel_embedding\.encoder\./.test(name),
  );
  if (encoder !== undefined)
    throw new CheckpointError(
      file,
      "makes it a model that reads mels instead of codes (use_mel_codes_as_input=False); give one that reads codes",
      { tensor: encoder },
    );
}

/** Takes out the copies that generation makes, or gives them the name of the weight where that is missing. */
function withFirstNames(stateDict: Weights): { named: Weights; changes: LayoutChange[] } {
  const named: Record<string, Weights[string]> = {};
  const copies: [name: string, first: string][] = [];
  for (const [name, x] of Object.entries(stateDict)) {
    const first = firstName(name);
    if (first === undefined) named[name] = x;
    else copies.push([name, first]);
  }
  const changes = copies.map(([tensor, to]): LayoutChange => {
    if (Object.hasOwn(named, to))
      return { tensor, change: "dropped", why: `it is a copy of ${to}` };
    named[to] = stateDict[tensor] as Weights[string];
    return { tensor, change: "renamed", to, why: `it is a copy of ${to}, which is missing` };
  });
  return { named, changes };
}

function layoutOf(extras: Weights): Layout {
  for (const layout of ["unified_voice3", "unified_voice4"] as const)
    if (layoutExtras[layout].every((name) => Object.hasOwn(extras, name))) return layout;
  return "tortoise";
}
