import { join } from "node:path";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { disposeTree } from "@hawksbill/core";
import { disposeModel, type SplitEvent } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { howToSpeak } from "./how-to-speak.js";
import { type Job, saveRunModel } from "./job.js";
import { bestMeasurement } from "./overfitting.js";
import { isReduced, recordSpeech } from "./record-speech.js";
import { summaryOf } from "./report-of.js";
import { runFiles } from "./run-files.js";

/** Lets the model be heard that was just written; one that has no room in memory speaks from its file again. */
async function speakAfter(job: Job, split: SplitEvent): Promise<void> {
  if (!isReduced(job)) return recordSpeech("after", job, split);
  disposeTree(job.model.unifiedVoice);
  const model = await openModel(join(job.folder, runFiles.model), { stored: true });
  await recordSpeech("after", { ...job, model }, split);
  disposeModel(model);
  await model.close();
}

/** All that follows training: the model's files, speech, report and summary. */
export async function finishRun(job: Job, split: SplitEvent): Promise<void> {
  const { folder, settings, session } = job;
  const { reporter } = session.tools;
  const done = session.log.all("done").at(-1);
  await saveRunModel(job, done?.best?.step ?? done?.step ?? settings.steps);
  await speakAfter(job, split);
  await session.report?.finish();
  session.watch.lap("report");
  const final = summaryOf(job);
  const json = `${JSON.stringify(final, undefined, 2)}\n`;
  await writeFileAtomic(join(folder, runFiles.summary), new TextEncoder().encode(json));
  await session.tell({ type: "summary", ...final });
  const { heldOutMelLossBefore: before, heldOutMelLossAfter: after } = final;
  if (before !== null && after !== null)
    reporter.note(
      `held-out mel loss ${before.toFixed(3)} before, ${after.toFixed(3)} after ${final.steps} steps`,
    );
  const verdict = bestMeasurement(session.log);
  if (verdict !== undefined) reporter.note(verdict);
  const model = await howToSpeak(job);
  reporter.note(
    `Open ${join(folder, runFiles.report)} in a browser, and speak:\n  npx hawksbill say "Good morning." ${model} --out morning.wav`,
  );
}
