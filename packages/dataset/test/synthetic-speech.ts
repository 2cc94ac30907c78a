import { Random } from "@hawksbill/core";

/**
 * Something with the measures of speech, at 22,050 Hz: syllables of harmonics up to 8 kHz, whose pitch
 * and loudness vary, with short pauses between and before and after, in faint noise.
 */
export function syntheticSpeech(seconds: number, seed = 0): Float32Array {
  const rateHz = 22_050;
  const random = new Random(seed);
  const samples = Float32Array.from(
    { length: Math.round(seconds * rateHz) },
    () => 1e-4 * (random.next() - 0.5),
  );
  const margin = 0.1 * rateHz;
  for (let start = margin; start < samples.length - margin; ) {
    const length = Math.min(
      Math.round((0.12 + 0.15 * random.next()) * rateHz),
      samples.length - margin - start,
    );
    const pitchHz = 120 + 80 * random.next();
    const loudness = 0.02 + 0.02 * random.next();
    const tilt = 0.3 + 0.5 * random.next();
    for (let i = 0; i < length; i++) {
      const envelope = Math.sin((Math.PI * i) / length) ** 2;
      let sum = 0;
      for (let harmonic = 1; harmonic * pitchHz < 8000; harmonic += 2)
        sum += harmonic ** -tilt * Math.sin((2 * Math.PI * harmonic * pitchHz * i) / rateHz);
      samples[Math.floor(start) + i] =
        (samples[Math.floor(start) + i] ?? 0) + loudness * envelope * sum;
    }
    start += length + Math.round((0.04 + 0.05 * random.next()) * rateHz);
  }
  return samples;
}
