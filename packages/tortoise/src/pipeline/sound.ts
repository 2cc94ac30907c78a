import type { Audio, Mel } from "@hawksbill/audio";
import type { Random } from "@hawksbill/core";
import type { Prompt } from "@hawksbill/unified-voice";
import type { TortoiseLatents } from "../voices/voice-latents.js";
import type { Job } from "./job.js";
import { spokenLength } from "./speech-codes.js";
import type { SpeechPlan } from "./speech-plan.js";
import type { Stages } from "./stages.js";

/** A candidate to be heard. */
export interface Chosen {
  readonly prompt: Prompt;
  readonly voice: TortoiseLatents;
  /** As they were drawn. */
  readonly codes: Int32Array;
  readonly stopped: boolean;
  /** With the codes of silence behind. */
  readonly fixed: Int32Array;
  /** Of this candidate's noise. */
  readonly random: Random;
}

export interface Sound {
  /** 24,000 Hz. */
  readonly audio: Audio;
  /** What the vocoder spoke, if there was one: natural logs, [bands = 100, frames]. */
  readonly mel?: Mel;
}

interface Work {
  readonly stages: Stages;
  readonly job: Job;
}

/** Latents to a mel spectrogram, and that to sound. */
export async function diffusionSound(
  { prompt, voice, fixed, random }: Chosen,
  { diffusion }: SpeechPlan,
  { stages, job }: Work,
): Promise<Sound> {
  // What follows a code does not change its latent, so the silence is left out beforehand.
  const spoken = fixed.subarray(0, spokenLength(fixed, stages.model.settings.silence));
  const latents = await latentsOfCodes(prompt, spoken, { stages, job });
  const mel = await job.stage("diffusion", () =>
    stages.use("diffusion", (model) =>
      model.sample({
        ...diffusion,
        latents,
        conditioning: voice.diffusion,
        random: random.fork("diffusion"),
        ...job.stopping,
        onProgress: ({ step, steps }) => job.tell("diffusion", step, steps),
      }),
    ),
  );
  const audio = await job.step("vocoder", () =>
    stages.use("vocoder", (model) =>
      model.inference(mel, { random: random.fork("vocoder"), ...job.stopping }),
    ),
  );
  return { audio, mel };
}

/** Latents straight to sound, that of the stop token among them, as TorToiSe's fast way has it. */
export async function hifiganSound(
  { prompt, voice, codes, stopped, fixed }: Chosen,
  { stages, job }: Work,
): Promise<Sound> {
  // The last code is nobody's past, so any one stands for the stop token.
  const said = stopped ? fixed.subarray(0, codes.length + 1) : codes;
  const latents = await latentsOfCodes(prompt, said, { stages, job });
  const audio = await job.step("vocoder", () =>
    stages.use("hifiganDecoder", (model) =>
      model.inference(latents, voice.autoregressive, job.stopping),
    ),
  );
  return { audio };
}

async function latentsOfCodes(
  prompt: Prompt,
  codes: Int32Array,
  { stages, job }: Work,
): Promise<Float32Array> {
  return job.step("latents", () =>
    stages.use("autoregressive", (model) => model.latents(prompt, codes)),
  );
}
