import {
  AR_MEL,
  arMel,
  type Mel,
  melFilterbank,
  resample,
  TACOTRON_MEL,
  tacotronMel,
} from "@hawksbill/audio";
import { type Tensor, tensor, type Weights } from "@hawksbill/core";
import { compareTensors, type Limit, numbersOf } from "./compare.js";
import { type Check, type Fixture, tensorOf } from "./fixture.js";

/** Resampling, both mel front ends and their filterbanks. */
export const checkAudio: Check = async (fixture) => {
  const wav = samplesOf(tensorOf(fixture, "inputs.wav"));
  const sampleRateHz = numbersOf(tensorOf(fixture, "inputs.sample_rate"))[0] ?? 0;
  const wav22050 = resample(wav, sampleRateHz, AR_MEL.sampleRateHz);
  const melNorms = samplesOf(tensorOf(fixture, "inputs.mel_norms"));
  return compareTensors(
    fixture.tensors,
    {
      "outputs.wav_22050": asTensor(wav22050, 1),
      ...resampled(fixture, wav),
      "outputs.ar_mel": melTensor(arMel(wav22050, { melNorms })),
      "outputs.ar_mel_unnormalised": melTensor(arMel(wav22050, { melNorms: null })),
      ...tacotronMels(fixture),
      "outputs.mel_filterbank_80": asTensor(melFilterbank(AR_MEL), AR_MEL.bands),
      "outputs.mel_filterbank_100": asTensor(melFilterbank(TACOTRON_MEL), TACOTRON_MEL.bands),
    },
    limitOf,
  );
};

/** The bounds of the specification, which are absolute; a filterbank's is relative, as any output's. */
function limitOf(name: string): Limit | undefined {
  if (/^outputs\.(wav|resample)_/.test(name))
    return { kind: "absolute", atMost: 1e-5, unit: "of full scale 1" };
  if (name.includes("filterbank")) return undefined;
  // Normalising divides logs by 1.6 to 9.5, or by 6.9: a tenth of the bound is within it in log units.
  return name.endsWith("_normalised") || name.endsWith("ar_mel")
    ? { kind: "absolute", atMost: 1e-4, unit: "normalised, so 1e-3 in log units" }
    : { kind: "absolute", atMost: 1e-3, unit: "in log units" };
}

/** Every "outputs.resample_FROM_TO" is of the same first samples of the waveform, taken as if at FROM Hz. */
function resampled({ tensors }: Fixture, wav: Float32Array): Weights {
  const pairs = Object.entries(tensors).flatMap(([name, x]) => {
    const [, from, to] = name.match(/^outputs\.resample_(\d+)_(\d+)$/) ?? [];
    return from && to ? [{ name, from: Number(from), to: Number(to), length: x.size }] : [];
  });
  // How many, only the lengths tell: n samples give ceil(n · to / from).
  const most = pairs.map(({ from, to, length }) => Math.floor((length * from) / to));
  const first = wav.subarray(0, Math.min(wav.length, ...most));
  return Object.fromEntries(
    pairs.map(({ name, from, to }) => [name, asTensor(resample(first, from, to), 1)]),
  );
}

function tacotronMels({ tensors }: Fixture): Weights {
  const name = Object.keys(tensors).find((key) => key.startsWith("inputs.wav_24000"));
  if (name === undefined) return {};
  const wav = samplesOf(tensors[name] as Tensor);
  return {
    "outputs.tacotron_mel_24k": melTensor(tacotronMel(wav)),
    "outputs.tacotron_mel_24k_normalised": melTensor(tacotronMel(wav, { normalise: true })),
  };
}

function samplesOf(x: Tensor): Float32Array {
  return Float32Array.from(numbersOf(x));
}

function asTensor(data: Float32Array, rows: number): Tensor {
  return tensor(data, { shape: [rows, data.length / rows] });
}

function melTensor({ data, bands, frames }: Mel): Tensor {
  return tensor(data, { shape: [1, bands, frames] });
}
