import type { Audio } from "@hawksbill/audio";
import type { Generated, Prompt } from "@hawksbill/unified-voice";
import type { VoiceLatents } from "../voices/voice-latents.js";
import type { Job } from "./job.js";
import type { SpeechRequest } from "./speak-options.js";
import { isSpokenOnce, type SpeechPlan } from "./speech-plan.js";
import type { Stages } from "./stages.js";

/** Whether sound can be made while codes still come: of one candidate, straight from its latents. */
export function isLive(request: Partial<SpeechRequest>): boolean {
  const { decoder, keep = 1, candidates = isSpokenOnce(request) ? 1 : undefined } = request;
  return decoder === "hifigan" && candidates === 1 && keep === 1;
}

/**
 * The sound of a prompt's first candidate while it is drawn: what `hifiganSound` makes of all its codes, but for
 * rounding (that of the weights, too, where codes are drawn with fewer bits), and for a candidate that ends within the last few codes of `maxCodes`, over which silence is written there.
 * What was said comes behind the sound.
 */
export async function* hifiganStream(
  { prompt, voice }: { readonly prompt: Prompt; readonly voice: VoiceLatents },
  { sampling, maxCodes }: Pick<SpeechPlan, "sampling" | "maxCodes">,
  { stages, job }: { readonly stages: Stages; readonly job: Job },
): AsyncGenerator<Audio | Generated> {
  const codes: number[] = [];
  let stopped = false;
  const model = stages.hold("autoregressive");
  const decoder = stages.hold("hifiganDecoder");
  async function* latents(): AsyncGenerator<Float32Array> {
    job.tell("codes", 0, maxCodes);
    const steps = model.part.generateSteps([prompt], {
      sampling,
      maxCodes,
      random: job.random.fork("codes"),
      ...job.stopping,
      onProgress: (progress) => job.tell("codes", progress.codes, maxCodes),
    });
    for await (const step of steps)
      for (const { code, latent } of step) {
        if (code === "stop") stopped = true;
        else codes.push(code);
        yield latent;
      }
  }
  try {
    yield* decoder.part.stream(latents(), voice.autoregressive, job.stopping);
  } finally {
    await model.release();
    await decoder.release();
  }
  job.tell("vocoder", 1, 1);
  yield { codes: Int32Array.from(codes), stopped };
}
