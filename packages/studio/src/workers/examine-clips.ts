import {
  type Examination,
  type ExaminedClip,
  examineDataset,
  faults,
  type PrepareOptions,
  type Problem,
} from "@hawksbill/dataset";
import type { Clip, ClipFacts, Examined, Finding } from "../clips.js";
import { clipFiles, listName } from "./clip-files.js";
import type { Folder } from "./folder.js";

/** What `hawksbill doctor` says of clips, by their ids. */
export async function examineClips(
  clips: readonly Clip[],
  folder: Folder,
  options: Omit<PrepareOptions, "list">,
): Promise<Examined> {
  const used = clips.filter(({ isUsed }) => isUsed);
  const found =
    used.length === 0
      ? { clips: [], leftOut: [], doubts: [] }
      : await examineDataset(clipFiles(used, folder), { ...options, list: listName });
  const problems = [...found.leftOut, ...found.doubts];
  const entries = used.map(({ id }, i) => [id, factsOf(i + 1, found.clips, problems)] as const);
  return {
    clips: Object.fromEntries(entries),
    whole: used.length < 2 ? [] : found.doubts.filter(({ path }) => path === "").map(findingOf),
    ...totals(found),
  };
}

function totals({ clips }: Pick<Examination, "clips">): Omit<Examined, "clips" | "whole"> {
  const longest = (lengths: readonly number[]): number =>
    lengths.reduce((most, length) => Math.max(most, length), 0);
  return {
    seconds: clips.reduce((sum, { seconds }) => sum + seconds, 0),
    usable: clips.length,
    longestText: longest(clips.map(({ tokens }) => tokens.length)),
    longestSeconds: longest(clips.map(({ seconds }) => seconds)),
  };
}

function factsOf(
  line: number,
  clips: readonly ExaminedClip[],
  problems: readonly Problem[],
): ClipFacts {
  return {
    seconds: clips.find((clip) => clip.line === line)?.seconds ?? 0,
    findings: problems.filter((problem) => problem.line === line).map(findingOf),
  };
}

function findingOf({ fault, reason, advice, path, list }: Problem): Finding {
  const { title, isUsable } = faults[fault];
  // Reasons lack their subject where it is the recording: "is clipped at 12 samples".
  const isOfFile = path !== "" && path !== list;
  const sentence = isOfFile ? `it ${reason}` : reason;
  const told = sentence[0]?.toUpperCase() + sentence.slice(1);
  return { fault, title, reason: told, advice, isFatal: !isUsable };
}
