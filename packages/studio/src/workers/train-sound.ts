import { adaptDecoder, type SplitEvent } from "@hawksbill/tortoise";
import type { RunEvent } from "../run/run.js";
import { keepModel } from "./keep-model.js";
import { record } from "./record.js";
import type { Work } from "./train-voice.js";

/** Fits the dVAE's decoder to the voice, lets it speak, and keeps the model. */
export async function* trainSound(work: Work, split: SplitEvent): AsyncGenerator<RunEvent> {
  const { model, device, folder, signal } = work;
  const { steps: trained, decoderSteps: steps, seed } = work.run.settings;
  const { training: clips, heldOut } = split;
  if (steps > 0) yield { type: "part", part: "decoder" };
  const options = { model, device, clips, heldOut, steps, seed, signal };
  for await (const event of steps > 0 ? adaptDecoder(options) : []) {
    if (event.type === "step")
      yield { type: "decoderStep", step: event.step, etaSeconds: event.etaSeconds };
    if (event.type !== "aborted") continue;
    await keepModel(folder, model);
    yield { type: "modelKept" };
    yield { type: "stopped" };
    return;
  }
  yield* record(work, split, { kind: "after", step: trained });
  yield { type: "part", part: "saving" };
  await keepModel(folder, model);
  yield { type: "modelKept" };
  yield { type: "done" };
}
