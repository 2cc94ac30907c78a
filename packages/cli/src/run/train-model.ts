import type { Weights } from "@hawksbill/core";
import { mergeInPlace, type SplitEvent } from "@hawksbill/tortoise";
import type { SavedAdapter } from "@hawksbill/trainer";
import { Interrupted } from "../cli-error.js";
import { duration } from "../format.js";
import { codesCache } from "./codes-cache.js";
import { finetunePart } from "./finetune-part.js";
import { heldOutOf } from "./held-out.js";
import { type Job, messageOf, resumeCommand, saveRunModel, stoppedEarly } from "./job.js";
import { keepCheckpoint } from "./keep-checkpoints.js";
import { newOverfitting } from "./overfitting.js";
import { type Learnt, recordBefore, recordSample } from "./record-speech.js";
import { reportOf } from "./report-of.js";
import { plainEvent } from "./run-events.js";
import { saveAdapter } from "./save-adapter.js";
import { newPatience, saveCheckpoint, saveWithPatience } from "./save-checkpoint.js";

/** Trains the model in place. @returns Which clips were trained on and which held out. */
export async function trainModel(job: Job): Promise<SplitEvent> {
  const { folder, settings, session, save = saveCheckpoint } = job;
  const { reporter, signal, device } = session.tools;
  const { steps, seed } = settings;
  const { checkpointEvery = Math.ceil(steps / 5), sampleEvery = 0 } = settings;
  const patience = newPatience();
  const keep = (step: number): Promise<void> =>
    keepCheckpoint(folder, step, { settings, log: session.log });
  let hasWaited = false;
  let split: SplitEvent | undefined;
  let adapter: SavedAdapter | undefined;
  let average: Weights | undefined;
  const warn = (message: string): void => reporter.warn(message);
  const cache = await codesCache(settings.cache, warn);
  for await (const event of finetunePart(job, settings, {
    clips: job.dataset.clips,
    device,
    seed,
    heldOut: heldOutOf(settings, job.dataset.clips),
    ...(cache ? { cache } : {}),
    ...(job.state ? { resume: job.state } : {}),
    checkpoint: {
      every: checkpointEvery,
      async save(state) {
        const isLast = state.step === steps || signal.aborted;
        const isOfPlan = state.step === steps || state.step % checkpointEvery === 0;
        const saveAndKeep = async (): Promise<void> => {
          await session.log.sync(); // What the checkpoint knows is on the disk before it.
          await save(folder, state);
          if (isOfPlan || !signal.aborted) await keep(state.step);
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
    if (event.type === "average") {
      average = event.weights;
      continue;
    }
    session.watch.lap(partOf[event.type]);
    await session.tell(plainEvent(event));
    if (event.type === "split") {
      split = event;
      session.report = reportOf(job, event);
      if (!job.state) await recordBefore(job, event);
    }
    if (event.type === "adapter") adapter = event.adapter;
    if (event.type === "step" && split && event.step % sampleEvery === 0)
      await recordSample(event.step, job, split, learntOf(adapter, average));
    if (event.type === "evaluation") {
      const message = newOverfitting(session.log.bySteps("evaluation"));
      if (message !== undefined) await session.tell({ type: "warning", message });
    }
    if (event.type === "checkpoint" && event.step === job.state?.step) await keep(event.step);
    if (event.type === "done" && adapter) await saveAdapter(folder, adapter, stepOf(event));
    if (event.type === "aborted")
      throw await interrupted(job, event, learntOf(adapter, event.state.average));
  }
  return split as SplitEvent;
}

/** What is measured, where that is not the trained weights themselves: an adapter, their moving average, or one's of the other. */
function learntOf(adapter: SavedAdapter | undefined, average: Weights | undefined): Learnt {
  if (adapter) return { adapter: average ? { ...adapter, weights: average } : adapter };
  return average ? { weights: average } : {};
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
  { adapter, weights }: Learnt,
): Promise<Interrupted> {
  if (adapter) await saveAdapter(job.folder, adapter, step);
  if (step === 0) return stoppedEarly(job.folder);
  if (adapter) await mergeInPlace(job.diffusion ?? job.model.unifiedVoice, adapter);
  await saveRunModel(weights ? withWeights(job, weights) : job, step);
  return new Interrupted(
    `Stopped after step ${step} of ${steps}; it is saved. Go on with:\n  ${resumeCommand(job.folder)}`,
  );
}

/** The job with others in the place of the weights that are trained. */
function withWeights(job: Job, weights: Weights): Job {
  const { model, diffusion } = job;
  return diffusion
    ? { ...job, diffusion: { ...diffusion, ...weights } }
    : { ...job, model: { ...model, unifiedVoice: weights } };
}
