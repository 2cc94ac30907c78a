import { type SplitEvent, sentenceOf } from "@hawksbill/tortoise";
import { RunReport } from "../report/run-report.js";
import { type Job, messageOf, resumeCommand } from "./job.js";
import { type Summary, summarise } from "./summary.js";

/** The page of a run under way. */
export function reportOf(job: Job, split: SplitEvent): RunReport {
  const { folder, settings, dataset, session } = job;
  const { text, id } = sentenceOf(split);
  return new RunReport(folder, {
    sentence: { text, id, isHeldOut: split.heldOut.length > 0 },
    settings,
    leftOut: dataset.leftOut,
    log: session.log,
    start: session.start,
    resumeCommand: resumeCommand(folder),
    summary: () => summaryOf(job),
    onProblem: (error) =>
      session.tools.reporter.warn(
        `the report cannot be written (${messageOf(error)}); the run goes on without it`,
      ),
  });
}

/** The run's numbers as they are now. */
export function summaryOf({ settings, session }: Job): Summary {
  return summarise(session.log, {
    steps: settings.steps,
    seconds: session.watch.seconds,
    peakMemoryMB: session.peakMemoryMB,
    device: session.tools.device.name,
    seed: settings.seed,
  });
}
