import type { Clip } from "@hawksbill/dataset";
import type { RunSettings } from "./run-config.js";

/** The clips to measure with: those of the list that is held out, or as the settings say. */
export function heldOutOf(
  { heldOut, heldOutLists }: Pick<RunSettings, "heldOut" | "heldOutLists">,
  clips: readonly Pick<Clip, "id" | "list">[],
): RunSettings["heldOut"] {
  if (heldOutLists === undefined) return heldOut;
  return clips.filter(({ list }) => heldOutLists.includes(list)).map(({ id }) => id);
}
