/** The networks of TorToiSe, each of a file. */
export type TortoisePart =
  | "autoregressive"
  | "diffusion"
  | "vocoder"
  | "clvp"
  | "cvvp"
  | "hifiganDecoder"
  | "randomAutoregressive"
  | "randomDiffusion";

interface TortoiseFile {
  /** As users have it. */
  readonly name: string;
  readonly holds: string;
  /** How to get it. */
  readonly get: string;
}

const released = "get it with: hawksbill download tortoise";

/** The released files by what is in them. */
export const tortoiseFiles: Readonly<Record<TortoisePart | "tokenizer", TortoiseFile>> = {
  tokenizer: {
    name: "tokenizer.json",
    holds: "the vocabulary",
    get: "get it from github.com/neonbjb/tortoise-tts, where it is tortoise/data/tokenizer.json, and name it with --tokenizer FILE",
  },
  autoregressive: {
    name: "autoregressive.pth",
    holds: "UnifiedVoice: text and a voice to codes",
    get: released,
  },
  diffusion: {
    name: "diffusion_decoder.pth",
    holds: "the diffusion decoder: latents to a mel spectrogram",
    get: released,
  },
  vocoder: {
    name: "vocoder.pth",
    holds: "UnivNet: a mel spectrogram to sound",
    get: released,
  },
  clvp: { name: "clvp2.pth", holds: "CLVP: how well codes say a text", get: released },
  cvvp: { name: "cvvp.pth", holds: "CVVP: how well codes match a voice", get: released },
  hifiganDecoder: {
    name: "hifidecoder.pth",
    holds: "the HiFi-GAN decoder: latents to sound",
    get: "get it with: hawksbill download hifidecoder",
  },
  randomAutoregressive: {
    name: "rlg_auto.pth",
    holds: "random voices for UnifiedVoice",
    get: released,
  },
  randomDiffusion: {
    name: "rlg_diffuser.pth",
    holds: "random voices for the diffusion decoder",
    get: released,
  },
};

/** What no speech can be made without. */
export const neededParts = ["autoregressive", "diffusion", "vocoder"] as const;
