import type { Clip } from "@hawksbill/dataset";
import { count } from "../format.js";
import type { Reporter } from "../reporter.js";
import type { RunSettings } from "./run-config.js";

/** Where neither the settings nor the dataset say what to measure with. */
const defaultShare = 0.15;

type Wanted = Pick<RunSettings, "heldOut" | "heldOutLists">;

/** The clips to measure with: as the settings say, or else those that the dataset itself holds out. */
export function heldOutOf(
  { heldOut, heldOutLists }: Wanted,
  clips: readonly Pick<Clip, "id" | "list" | "split">[],
): number | readonly string[] {
  if (heldOutLists !== undefined)
    return clips.filter(({ list }) => heldOutLists.includes(list)).map(({ id }) => id);
  if (heldOut !== undefined) return heldOut;
  const own = clips.filter(({ split }) => split === "heldOut").map(({ id }) => id);
  return own.length > 0 && own.length < clips.length ? own : defaultShare;
}

/** Says which clips are held out where that is of the dataset's own making. */
export function tellHeldOut(
  { heldOut, heldOutLists }: Wanted,
  clips: readonly Pick<Clip, "id" | "list" | "split">[],
  reporter: Pick<Reporter, "note">,
): void {
  if (heldOut !== undefined || heldOutLists !== undefined) return;
  const ids = heldOutOf({}, clips);
  if (typeof ids === "number") return;
  reporter.note(
    `  held out: the dataset's own validation or test part, ${count(ids.length, "clip")}; --held-out says otherwise`,
  );
}
