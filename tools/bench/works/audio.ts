import { arMel, resample, tacotronMel } from "@hawksbill/audio";
import { Random } from "@hawksbill/core";
import { open as openTransformers } from "../transformers/mel.mjs";
import { numbers, type Peer, type Run, readNumbers, type Work, writeNumbers } from "../work.js";

const seconds = 11.6;

/** Work on a clip of noise, as loud as speech. */
function onClip(
  id: string,
  what: string,
  sampleRateHz: number,
  work: (samples: Float32Array) => ArrayLike<number>,
  peers: readonly Peer[] = ["pytorch-fp32", "librosa", "transformers.js"],
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
      const clip = await clipOf(path);
      return async () => work(clip);
    },
    openPeer: async (_, path): Promise<Run> => {
      const [clip, mel] = [await clipOf(path), await openTransformers(sampleRateHz)];
      return () => mel(clip);
    },
    least: { bytes: 4 * length },
    runs: [9, 3],
  };
}

async function clipOf(path: string): Promise<Float32Array> {
  return (await numbers((await readNumbers(path)).inputs.clip)).map((x) => 0.1 * x);
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
    ["pytorch-fp32"], // librosa and transformers.js have no filter like torchaudio's.
  ),
];
