import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Audio, decodeMono } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { exists } from "../place.js";
import { runFiles } from "../run/run-files.js";
import type { RunLog } from "../run/run-log.js";
import type { Recording } from "./recording.js";
import { type ReportData, reportPage } from "./report-page.js";

/** Writes a run's report from the sounds in its folder. */
export async function writeReport(
  folder: string,
  data: Omit<ReportData, "recordings">,
): Promise<void> {
  const recordings: Recording[] = [];
  for (const { file, title, note } of sounds(data.log)) {
    if (!(await exists(join(folder, file)))) continue;
    const audio = await readAudio(join(folder, file));
    recordings.push({ title, note: `${note}, ${seconds(audio)}`, audio });
  }
  const page = reportPage({ ...data, recordings });
  await writeFileAtomic(join(folder, runFiles.report), new TextEncoder().encode(page));
}

function sounds(log: RunLog): { file: string; title: string; note: string }[] {
  const spoken = (which: "before" | "after", note: string): string => {
    const speech = log.all("speech").findLast((event) => event.which === which);
    return speech?.stopped === false ? `${note}, cut at the longest` : note;
  };
  return [
    { file: runFiles.reference, title: "Recording", note: "the voice itself" },
    { file: runFiles.before, title: "Before", note: spoken("before", "the base model") },
    { file: runFiles.after, title: "After", note: spoken("after", "the fine-tuned model") },
  ];
}

async function readAudio(path: string): Promise<Audio> {
  return decodeMono(await readFile(path), { sampleRateHz: 22_050 });
}

function seconds({ samples, sampleRateHz }: Audio): string {
  return `${(samples.length / sampleRateHz).toFixed(1)} s`;
}
