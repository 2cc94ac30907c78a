import type { SpeakProgress, Stage } from "@hawksbill/tortoise";
import type { Reporter } from "../reporter.js";

const doing: Readonly<Record<Stage, string>> = {
  voice: "hearing the voice",
  codes: "speaking",
  ranking: "choosing the best",
  latents: "preparing the sound",
  diffusion: "making the spectrogram",
  dvae: "making the spectrogram",
  vocoder: "making the sound",
  brackets: "cutting out words in brackets",
};

/** Tells how far a speech has come. @param what Of several speeches, which one. */
export function showProgress(reporter: Reporter, what?: string): (progress: SpeakProgress) => void {
  return ({ stage, done, of }) => {
    const step = of > 1 ? ` (${done} of at most ${of})` : "";
    reporter.progress(`${what ? `${what}: ` : ""}${doing[stage]}${step}`);
  };
}
