import type { Place, RemoteFile } from "./remote-file.js";

/** Files that belong together. */
export interface FileSet {
  /** For lists: what it is good for. */
  readonly holds: string;
  readonly files: readonly RemoteFile[];
}

export type SetName = "tortoise" | "dvae" | "hifidecoder" | "classifier";

/** The author's repository. */
const betker = "jbetker/tortoise-tts-v2";

/** A copy, from which tortoise-tts 3 downloads. */
const manmay = "Manmay/tortoise-tts";

/**
 * @param commit In the author's repository, where the file is known to have the sha256; the branch
 *   `main` is asked first.
 */
function released(
  name: string,
  holds: string,
  approximateBytes: number,
  commit: string,
  sha256: string,
): RemoteFile {
  const path = `.models/${name}`;
  const places: Place[] = [
    { repo: betker, path },
    { repo: betker, path, revision: commit },
    { repo: manmay, path: name },
  ];
  return { name, holds, approximateBytes, sha256, places };
}

/**
 * The released files of TorToiSe, by the name that `hawksbill download` takes.
 *
 * Lengths are rounded. Each sha256 is as published: that of dvae.pth in the README of
 * 152334H/DL-Art-School, the others in a Nix package of tortoise-tts 2.4.2, with the commits.
 */
export const fileSets: Readonly<Record<SetName, FileSet>> = {
  tortoise: {
    holds: "all that turns text into speech",
    files: [
      released(
        "autoregressive.pth",
        "UnifiedVoice: text and a voice to codes",
        1_720_000_000,
        "301bf48",
        "9c6651b9996df6cef6a1fc459738ae207ab60f902ec49b4d0623ca8ab6110d51",
      ),
      released(
        "clvp2.pth",
        "CLVP: how well codes fit a text",
        976_000_000,
        "3704aea",
        "6097e708cf692eb93bd770880660953935e87e8995eb864819bbe51b7d91342c",
      ),
      released(
        "cvvp.pth",
        "CVVP: how well codes fit a voice",
        151_000_000,
        "301bf48",
        "d050e32592ad4a318e03a4f99b09c9c26baf68d78a9d7503ff2bc3883e897100",
      ),
      released(
        "diffusion_decoder.pth",
        "the denoiser: latents to a mel spectrogram",
        1_170_000_000,
        "301bf48",
        "ea776fc354eabb70cfae145777153483fad72e3e0c5ea345505ded2231a90ce1",
      ),
      released(
        "rlg_auto.pth",
        "random voices for the UnifiedVoice",
        25_200_000,
        "7c18fdf",
        "4473c125482e2a3322a5ea762025a0c6ec657955c3002cf099c0635d79967551",
      ),
      released(
        "rlg_diffuser.pth",
        "random voices for the denoiser",
        101_000_000,
        "7c18fdf",
        "6e84b1ce60631c56dc8dec3d27c131993dd99d3060e7919cc351857457dbfdac",
      ),
      released(
        "vocoder.pth",
        "UnivNet: a mel spectrogram to sound",
        391_000_000,
        "301bf48",
        "16e8153e9f8ffb00b116f7f67833df2802fcf81e6bc173acc3b3b4bf9f04189d",
      ),
    ],
  },
  dvae: {
    holds: "what fine-tuning needs besides",
    files: [
      {
        name: "dvae.pth",
        holds: "the discrete VAE: mel spectrograms to codes and back",
        approximateBytes: 240_000_000,
        sha256: "a990825371506c16bcf0e8167bf24ccf82f65bb6a1dbcbfcf058d76f9b197e35",
        places: [
          { repo: "Gatozu35/tortoise-tts", path: "dvae.pth" },
          {
            // It was deleted from the branch, and stayed in its history.
            repo: betker,
            path: ".models/dvae.pth",
            revision: "3704aea61678e7e468a06d8eea121dba368a798e",
          },
        ],
      },
    ],
  },
  hifidecoder: {
    holds: "what tortoise-tts 3 speaks with faster",
    files: [
      {
        name: "hifidecoder.pth",
        holds: "the HiFi-GAN decoder: latents to sound",
        places: [{ repo: manmay, path: "hifidecoder.pth" }],
      },
    ],
  },
  classifier: {
    holds: "what tells TorToiSe's speech from recordings",
    files: [
      released(
        "classifier.pth",
        "the classifier of sound",
        60_900_000,
        "07a6edc",
        "95ab946010be0a963b5039e8fca74bbb8a6eebcf366c761db21ae7e94cd6ada3",
      ),
    ],
  },
};
