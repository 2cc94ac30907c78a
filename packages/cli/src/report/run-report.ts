import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeMono } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { exists } from "../place.js";
import { runFiles } from "../run/run-files.js";
import type { RunLog } from "../run/run-log.js";
import type { Summary } from "../run/summary.js";
import type { Recording } from "./recording.js";
import { type ReportData, type ReportState, reportPage } from "./report-page.js";
import type { Sample } from "./sample-list.js";

/** What the report of a run tells all the time. */
export interface ReportFacts
  extends Omit<ReportData, "state" | "summary" | "recordings" | "samples" | "refreshSeconds"> {
  /** The run's numbers as they are now. */
  readonly summary: () => Summary;
  /** Told once if the page cannot be written on the way, which is no reason to stop training. */
  readonly onProblem: (error: unknown) => void;
}

/** Seconds from one page to the next while a run is under way. */
const refreshSeconds = 10;
/** Writing pages shall take no more than this share of a run. */
const mostOfTime = 0.05;
/** Samples that the page has room for. */
const mostSamples = 12;

/** The page of a run: written anew while the run goes on, as it stops, and as it is done. */
export class RunReport {
  readonly #folder: string;
  readonly #facts: ReportFacts;
  /** Sounds by file: they do not change once they are told of, and each takes a while to read. */
  readonly #recordings = new Map<string, Recording>();
  readonly #samples = new Map<number, Sample>();
  #nextAt = 0; // Milliseconds of performance.now().
  #isDone = false;
  #isWhole = true;

  constructor(folder: string, facts: ReportFacts) {
    this.#folder = folder;
    this.#facts = facts;
  }

  /** Something happened: the page is written if the last one is old enough. */
  async offer(): Promise<void> {
    const began = performance.now();
    if (this.#isDone || began < this.#nextAt) return;
    await this.#attempt("running");
    const now = performance.now();
    this.#nextAt = now + Math.max(1000 * refreshSeconds, (now - began) / mostOfTime);
  }

  /** The session ends; where the run is not done, the page says so. */
  async stop(): Promise<void> {
    if (!this.#isDone) await this.#attempt("stopped");
  }

  /** The run is done. */
  async finish(): Promise<void> {
    this.#isDone = true;
    await this.#write("done");
  }

  async #attempt(state: ReportState): Promise<void> {
    try {
      await this.#write(state);
    } catch (error) {
      if (this.#isWhole) this.#facts.onProblem(error);
      this.#isWhole = false;
    }
  }

  async #write(state: ReportState): Promise<void> {
    const { summary, onProblem: _, ...facts } = this.#facts;
    const page = reportPage({
      ...facts,
      state,
      summary: summary(),
      recordings: await this.#allRecordings(),
      samples: await this.#someSamples(),
      refreshSeconds,
    });
    await writeFileAtomic(join(this.#folder, runFiles.report), new TextEncoder().encode(page));
  }

  async #allRecordings(): Promise<Recording[]> {
    const all: Recording[] = [];
    for (const { file, title, note } of sounds(this.#facts.log)) {
      const path = join(this.#folder, file);
      if (!this.#recordings.has(file) && (await exists(path))) {
        const audio = await decodeMono(await readFile(path), { sampleRateHz: 22_050 });
        const seconds = `${(audio.samples.length / audio.sampleRateHz).toFixed(1)} s`;
        this.#recordings.set(file, { title, note: `${note}, ${seconds}`, audio });
      }
      const recording = this.#recordings.get(file);
      if (recording) all.push(recording);
    }
    return all;
  }

  /** So many of the samples, the first and the last among them. */
  async #someSamples(): Promise<Sample[]> {
    const events = this.#facts.log.bySteps("sample");
    const samples: Sample[] = [];
    for (const { step, seconds, stopped, file } of spread(events, mostSamples)) {
      const path = join(this.#folder, file);
      if (!this.#samples.has(step) && (await exists(path)))
        this.#samples.set(step, { step, seconds, stopped, wav: await readFile(path) });
      const sample = this.#samples.get(step);
      if (sample) samples.push(sample);
    }
    return samples;
  }
}

/** The recordings of a run that there are by now. */
function sounds(log: RunLog): { file: string; title: string; note: string }[] {
  const spoken = (
    which: "before" | "after",
    title: string,
    note: string,
  ): ReturnType<typeof sounds> => {
    const speech = log.all("speech").findLast((event) => event.which === which);
    if (!speech) return [];
    const cut = speech.stopped ? note : `${note}, cut at the longest`;
    return [{ file: runFiles[which], title, note: cut }];
  };
  return [
    { file: runFiles.reference, title: "Recording", note: "the voice itself" },
    ...spoken("before", "Before", "the base model"),
    ...spoken("after", "After", "the fine-tuned model"),
  ];
}

/** At most so many of a list, evenly, the first and the last among them. */
export function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from(
    { length: most },
    (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as T,
  );
}
