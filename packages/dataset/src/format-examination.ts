import { ratesOf } from "./doubts/about-whole.js";
import type { Examination, ExaminedClip } from "./examine-dataset.js";
import { type FaultName, faults } from "./faults.js";
import { formatReport, range, reportLine } from "./format-report.js";
import { type Problem, problemText } from "./problem.js";

/** What was found in a dataset, as lines of text: the same faults together, the gravest first. */
export function formatExamination(
  { clips, leftOut, doubts }: Pick<Examination, "clips" | "leftOut" | "doubts">,
  { mostOfEach = 5 }: { readonly mostOfEach?: number } = {},
): string {
  const summary = formatReport({ clips, leftOut: [] }).split("\n").slice(0, -1);
  const parts = [
    [...summary, ...soundLines(clips)].join("\n"),
    ...groups("Left out", leftOut, mostOfEach),
    ...groups("Worth a look", doubts, mostOfEach),
  ];
  if (leftOut.length + doubts.length === 0) parts.push("Nothing is wrong with it.");
  return parts.join("\n\n");
}

/** What rates the files have, and how loud it is between the words. */
function soundLines(clips: readonly Pick<ExaminedClip, "measures">[]): string[] {
  if (clips.length === 0) return [];
  const noise = clips.map(({ measures }) => measures.noiseDb);
  const lines = [
    ["rate", ratesOf(clips)],
    ["noise", `${range(noise, 0)} dBFS`],
  ] as const;
  return lines.map(reportLine);
}

/** Problems by their fault, in the order of `faults`. */
export function byFault(problems: readonly Problem[]): Map<FaultName, Problem[]> {
  const names = Object.keys(faults) as FaultName[];
  return new Map(
    names.flatMap((name) => {
      const own = problems.filter(({ fault }) => fault === name);
      return own.length === 0 ? [] : [[name, own] as const];
    }),
  );
}

function groups(title: string, problems: readonly Problem[], mostOfEach: number): string[] {
  if (problems.length === 0) return [];
  const found = [...byFault(problems)].map(([fault, own]) => {
    const shown = own.slice(0, mostOfEach).map((problem) => `    ${problemText(problem)}`);
    const more = own.length > shown.length ? [`    … and ${own.length - shown.length} more`] : [];
    return [`  ${faults[fault].title}: ${own.length}`, ...shown, ...more].join("\n");
  });
  return [[`${title}: ${problems.length}`, ...found].join("\n")];
}
