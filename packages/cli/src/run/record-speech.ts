import { join } from "node:path";
import { type Audio, encodeWav } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import type { Clip } from "@hawksbill/dataset";
import { type SplitEvent, speak } from "@hawksbill/tortoise";
import { type Job, messageOf } from "./job.js";
import { runFiles } from "./run-files.js";
import { voiceMels } from "./voice-mels.js";

/** The sentence that is spoken before and after: a held-out one where there are any. */
export function sentenceOf({ training, heldOut }: SplitEvent): Clip {
  return heldOut[0] ?? (training[0] as Clip);
}

/** Records what there is to compare with: the sentence as it was said, and by the base. */
export async function recordBefore(job: Job, split: SplitEvent): Promise<void> {
  const { samples } = sentenceOf(split);
  await writeWav(job.folder, runFiles.reference, { samples, sampleRateHz: 22_050 });
  await recordSpeech("before", job, split);
}

/** Lets the model say the sentence; if it cannot, that is a warning, and no reason to lose a run. */
export async function recordSpeech(
  which: "before" | "after",
  { folder, settings, model, session }: Job,
  split: SplitEvent,
): Promise<void> {
  const { reporter, signal, device } = session.tools;
  reporter.progress(`speaking ${which}.wav`);
  try {
    const { audio, stopped } = await speak({
      model,
      text: sentenceOf(split).text,
      voice: voiceMels(split.training),
      device,
      seed: settings.seed,
      signal,
    });
    await writeWav(folder, runFiles[which], audio);
    const seconds = Math.round((audio.samples.length / audio.sampleRateHz) * 100) / 100;
    await session.tell({ type: "speech", which, seconds, stopped });
  } catch (error) {
    signal.throwIfAborted();
    await session.tell({
      type: "warning",
      message: `there is no ${runFiles[which]}: ${messageOf(error)}`,
    });
  }
  session.watch.lap("speak");
}

async function writeWav(folder: string, name: string, audio: Audio): Promise<void> {
  await writeFileAtomic(join(folder, name), encodeWav(audio));
}
