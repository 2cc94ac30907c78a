import { adaptDecoder, type SplitEvent, usualDecoderSteps } from "@hawksbill/tortoise";
import { Interrupted } from "../cli-error.js";
import { codesCache } from "./codes-cache.js";
import { type Job, resumeCommand } from "./job.js";

/**
 * Teaches the dVAE's decoder how the voice sounds, in place.
 *
 * @throws {Interrupted} The signal came; this part is made anew when the run goes on.
 */
export async function fitDecoder(
  { folder, settings, model, session }: Job,
  split: SplitEvent,
): Promise<void> {
  const { reporter, signal, device } = session.tools;
  const { decoderSteps = usualDecoderSteps(model), seed } = settings;
  if (decoderSteps === 0) return;
  reporter.note("fitting the dVAE's decoder to the voice");
  const cache = await codesCache(settings.cache, (message) => reporter.warn(message));
  for await (const event of adaptDecoder({
    model,
    ...(cache ? { cache } : {}),
    clips: split.training,
    heldOut: split.heldOut,
    device,
    steps: decoderSteps,
    seed,
    signal,
  })) {
    if (event.type === "step" || event.type === "evaluation") {
      const { step, steps, loss } = event;
      await session.tell({ type: decoderEvents[event.type], step, steps, loss });
    }
    if (event.type === "aborted")
      throw new Interrupted(
        `Stopped while the decoder was fitted; the training before is saved. Go on with:\n  ${resumeCommand(folder)}`,
      );
  }
  session.watch.lap("decoder");
}

const decoderEvents = { step: "decoderStep", evaluation: "decoderEvaluation" } as const;
