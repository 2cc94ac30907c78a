import { arMel, resample, tacotronMel } from "@hawksbill/audio";
import { Random } from "@hawksbill/core";
import { numbers, type Peer, type Run, readNumbers, type Work, writeNumbers } from "../work.js";

const seconds = 11.6;

/** Work on a clip of noise, as loud as speech. */
function onClip(
  id: string,
  what: string,
  sampleRateHz: number,
  work: (samples: Float32Array) => ArrayLike<number>,
  peers: readonly Peer[] = ["pytorch-fp32", "librosa"],
): Work {
  const length = Math.round(seconds * sampleRateHz);
  return {
    id,
    group: "audio",
    what,
    peers,
    files: {
      name: `noise-${sampleRateHz}.safetensors`,
      make: (path) =>
        writeNumbers(path, { weights: {}, inputs: { clip: new Random(5).normal([length]) } }),
    },
    open: async (path): Promise<Run> => {
      const clip = (await numbers((await readNumbers(path)).inputs.clip)).map((x) => 0.1 * x);
      return async () => work(clip);
    },
    least: { bytes: 4 * length },
    runs: [9, 3],
  };
}

export const audioWorks: readonly Work[] = [
  onClip(
    "audio.mel-ar",
    "mel of UnifiedVoice, 11.6 s at 22.05 kHz",
    22_050,
    (x) => arMel(x, { melNorms: null }).data,
  ),
  onClip(
    "audio.mel-24k",
    "mel of the diffusion decoder, 11.6 s at 24 kHz",
    24_000,
    (x) => tacotronMel(x).data,
  ),
  onClip(
    "audio.resample",
    "11.6 s from 48 kHz to 22.05 kHz",
    48_000,
    (x) => resample(x, 48_000, 22_050),
    ["pytorch-fp32"], // librosa has no filter like torchaudio's.
  ),
];
