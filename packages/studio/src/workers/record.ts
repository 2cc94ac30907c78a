import { encodeWav } from "@hawksbill/audio";
import { type SplitEvent, sentenceOf } from "@hawksbill/tortoise";
import { merge, type SavedAdapter } from "@hawksbill/trainer";
import type { RunEvent, Speech } from "../run/run.js";
import type { Work } from "./train-voice.js";
import { speakInto } from "./voice.js";

/** What there is to compare with: the sentence as it was recorded, and from the base. */
export async function* recordBefore(work: Work, split: SplitEvent): AsyncGenerator<RunEvent> {
  if (work.run.speeches.some(({ kind }) => kind === "before")) return;
  const { samples, text, seconds } = sentenceOf(split);
  const file = "run/recording.wav";
  await work.folder.write(file, encodeWav({ samples, sampleRateHz: 22_050 }));
  yield {
    type: "speech",
    speech: { kind: "recording", text, file, seconds, step: 0, stopped: true },
  };
  yield* record(work, split, { kind: "before", step: 0 });
}

/** The sentence from the model as it is now. */
export async function* recordSample(
  work: Work,
  split: SplitEvent,
  step: number,
  adapter?: SavedAdapter,
): AsyncGenerator<RunEvent> {
  const { unifiedVoice: base } = work.model;
  const unifiedVoice = adapter ? await merge(base, adapter) : base;
  try {
    const model = { ...work.model, unifiedVoice };
    yield* record({ ...work, model }, split, { kind: "sample", step });
  } finally {
    for (const [name, x] of Object.entries(unifiedVoice)) if (x !== base[name]) x.dispose();
  }
}

/** Speaks; if the model cannot, that is a warning, and no reason to lose a run. */
export async function* record(
  { model, device, folder, run }: Work,
  split: SplitEvent,
  { kind, step }: Pick<Speech, "kind" | "step">,
): AsyncGenerator<RunEvent> {
  yield { type: "part", part: "speaking" };
  try {
    const voice = split.training.map(({ mel }) => mel);
    const { text } = sentenceOf(split);
    const { seed } = run.settings;
    const file = `run/${kind}-${step}.wav`;
    const order = { model, device, voice, text, seed, kind, step, file };
    yield { type: "speech", speech: await speakInto(folder, order) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    yield { type: "warning", message: `It could not speak after step ${step}: ${reason}` };
  }
}
