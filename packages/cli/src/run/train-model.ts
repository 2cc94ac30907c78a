import { finetune, type SplitEvent } from "@hawksbill/tortoise";
import type { SavedAdapter } from "@hawksbill/trainer";
import { Interrupted } from "../cli-error.js";
import { duration } from "../format.js";
import { heldOutOf } from "./held-out.js";
import { type Job, messageOf, resumeCommand, saveRunModel } from "./job.js";
import { keepCheckpoint } from "./keep-checkpoints.js";
import { overfitting } from "./overfitting.js";
import { recordBefore } from "./record-speech.js";
import { plainEvent } from "./run-events.js";
import { saveAdapter } from "./save-adapter.js";
import { newPatience, saveCheckpoint, saveWithPatience } from "./save-checkpoint.js";
import { trainingOptions } from "./training-options.js";

/** Trains the model in place. @returns Which clips were trained on and which held out. */
export async function trainModel(job: Job): Promise<SplitEvent> {
  const { folder, settings, model, session, save = saveCheckpoint } = job;
  const { reporter, signal, device } = session.tools;
  const { steps, seed } = settings;
  const { checkpointEvery = Math.ceil(steps / 5) } = settings;
  const patience = newPatience();
  let hasWaited = false;
  let split: SplitEvent | undefined;
  let adapter: SavedAdapter | undefined;
  let isWarned = false;
  for await (const event of finetune({
    model,
    clips: job.dataset.clips,
    device,
    seed,
    ...trainingOptions(settings),
    heldOut: heldOutOf(settings, job.dataset.clips),
    ...(job.state ? { resume: job.state } : {}),
    checkpoint: {
      every: checkpointEvery,
      async save(state) {
        const isLast = state.step === steps || signal.aborted;
        const saveAndKeep = async (): Promise<void> => {
          await save(folder, state);
          await keepCheckpoint(folder, state.step, { settings, log: session.log });
        };
        if (!isLast) return saveAndKeep();
        await saveWithPatience(saveAndKeep, patience, (error) => {
          if (!hasWaited) reporter.warn(`${messageOf(error)}. Waiting for room`);
          hasWaited = true;
          const seconds = patience.attemptsLeft * patience.seconds;
          reporter.progress(`trying again in 5 s, for ${duration(seconds)} more`);
        });
      },
    },
    signal,
    memoryMB: () => Math.round(process.memoryUsage.rss() / 2 ** 20),
  })) {
    session.watch.lap(partOf[event.type]);
    await session.tell(plainEvent(event));
    if (event.type === "split") {
      split = event;
      if (!job.state) await recordBefore(job, event);
    }
    if (event.type === "adapter") adapter = event.adapter;
    if (event.type === "evaluation" && !isWarned) {
      const message = overfitting(session.log.bySteps("evaluation"));
      if (message !== undefined) await session.tell({ type: "warning", message });
      isWarned = message !== undefined;
    }
    if (adapter && (event.type === "done" || event.type === "aborted"))
      await saveAdapter(folder, adapter, stepOf(event));
    if (event.type === "aborted") throw await interrupted(job, event);
  }
  return split as SplitEvent;
}

/** After which step the weights are that training ended with. */
function stepOf(end: { readonly step: number; readonly best?: { readonly step: number } }): number {
  return end.best?.step ?? end.step;
}

/** Which part of the run an event ends. */
const partOf = {
  split: "data",
  encode: "encode",
  adapter: "encode",
  warning: "encode",
  step: "train",
  skipped: "train",
  evaluation: "evaluate",
  checkpoint: "save",
  checkpointFailed: "save",
  done: "train",
  aborted: "train",
} as const;

/** What to throw when training was told to stop: the model of now is there to be listened to. */
async function interrupted(
  job: Job,
  { step, steps }: { readonly step: number; readonly steps: number },
): Promise<Interrupted> {
  if (step === 0) return new Interrupted("Stopped before the first step; nothing was trained yet.");
  await saveRunModel(job, step);
  return new Interrupted(
    `Stopped after step ${step} of ${steps}; it is saved. Go on with:\n  ${resumeCommand(job.folder)}`,
  );
}
