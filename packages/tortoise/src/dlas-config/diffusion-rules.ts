import type { DlasNote } from "./dlas-settings.js";

const inDiffusion = (what: string): string => `${what} (diffusionLosses of @hawksbill/diffusion)`;

/** What keys of the diffusion model's training mean, where that is another thing than in UnifiedVoice's. */
const meanings: readonly (readonly [key: RegExp, what: string])[] = [
  [/^datasets\..+\.batch_size$/, "clips a step"],
  [/^datasets\..+\.path$/, "lists of the clips"],
  [/^datasets\..+\.max_(wav|text)_length$/, "longer clips were left out in silence"],
  [/^datasets\..+\.num_conditioning_candidates$/, "conditioning clips of each clip"],
  [/^datasets\..+\.conditioning_length$/, "samples of a conditioning clip"],
  [/^datasets\..+\.load_conditioning$/, "each clip has conditioning clips of its voice"],
  [/^steps\..+\.training$/, "the diffusion model is trained; what makes its latents is not"],
  [
    /^steps\..+\.injectors/,
    "latents of UnifiedVoice (latents of @hawksbill/unified-voice), mels of 24 kHz and noise (diffusionLosses of @hawksbill/diffusion)",
  ],
  [
    /^steps\..+\.losses/,
    inDiffusion(
      "the error of the noise, the variational bound of its variance, and a mel surrogate",
    ),
  ],
  [/^networks\..+\.layer_drop$/, "share of steps in which a layer was left out; not offered"],
  [
    /^networks\..+\.unconditioned_percentage$/,
    inDiffusion("share of clips whose speech is hidden, so that guidance can be learnt"),
  ],
  [
    /^networks\..+\.freeze_everything_except_autoregressive_inputs$/,
    "trains only what reads the latents; a program leaves the other weights out of what it trains",
  ],
  [/^train\.mega_batch_factor$/, "parts in which a step's clips are computed"],
  [/^train\.ema/, "moving average of the weights (movingAverage of @hawksbill/trainer)"],
  [/^eval/, "compares spectra by models that were never released; not offered"],
];

/**
 * The notes of a configuration that trains the diffusion model: what each key means. None is kept, as nothing is
 * trained by it.
 */
export function diffusionNotes(notes: readonly DlasNote[]): DlasNote[] {
  return notes.map((note) => {
    const [, what] = meanings.find(([key]) => key.test(note.key)) ?? [];
    if (what !== undefined) return { ...note, verdict: "described", what };
    return note.verdict === "ignored" ? note : { ...note, verdict: "described" };
  });
}
