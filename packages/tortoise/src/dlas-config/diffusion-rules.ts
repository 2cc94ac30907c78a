import type { DlasNote, Verdict } from "./dlas-settings.js";

/** What keys of the diffusion model's training do, where that is another thing than in UnifiedVoice's. */
const meanings: readonly (readonly [key: RegExp, verdict: Verdict, what: string])[] = [
  [
    /^datasets\..+\.num_conditioning_candidates$/,
    "kept",
    "clips of the voice that each one hears, as the mean of what the contextual embedder makes of them",
  ],
  [
    /^datasets\..+\.conditioning_length$/,
    "replaced",
    "the first 102,400 samples of a clip at 24 kHz are heard, as in speaking",
  ],
  [
    /^steps\..+\.training$/,
    "ignored",
    "the diffusion decoder is trained; what makes its latents is not",
  ],
  [
    /^steps\..+\.injectors/,
    "ignored",
    "latents (made once, before training), mels of 24 kHz and noise are built in; of gpt_path is the UnifiedVoice",
  ],
  [
    /^steps\..+\.losses\..+\.after$/,
    "replaced",
    "all losses count from the first step on: only random weights need the guess of the mel first",
  ],
  [
    /^steps\..+\.losses/,
    "ignored",
    "the error of the noise, the bits of its variance and the guess of the mel are built in, each of weight 1",
  ],
  [/^networks\..+\.layer_drop$/, "replaced", "no layer is left out"],
  [
    /^networks\..+\.freeze_everything_except_autoregressive_inputs$/,
    "replaced",
    "what hears the voice is frozen, the rest is trained; --lora trains few weights",
  ],
  [/^eval/, "replaced", "the losses of held-out clips are measured, with the same noise each time"],
];

/** The notes of a configuration that trains the diffusion model: what becomes of each key. */
export function diffusionNotes(notes: readonly DlasNote[]): DlasNote[] {
  return notes.map((note) => {
    const [, verdict = note.verdict, what = note.what] =
      meanings.find(([key]) => key.test(note.key)) ?? [];
    return { ...note, verdict, what };
  });
}
