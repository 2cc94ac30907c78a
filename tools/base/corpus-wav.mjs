// @ts-check

const FRONT_SECONDS = 0.05;
const END_SECONDS = 0.12;
const FADE_SECONDS = 0.01;
const WINDOW_SECONDS = 0.01;
/** Windows quieter than this, relative to the loudest, are silence: -40 dB. */
const SILENCE = 0.01;
/** -3 dB. */
const PEAK = 0.708;

/**
 * The clip with little silence in front, a short one at its end, and its peak at -3 dB.
 *
 * @param {Float32Array} samples Mono, [-1, 1].
 * @param {number} sampleRateHz
 * @returns {Float32Array}
 */
export function polishClip(samples, sampleRateHz) {
  const window = Math.round(WINDOW_SECONDS * sampleRateHz);
  const levels = Array.from({ length: Math.ceil(samples.length / window) }, (_, i) =>
    rms(samples.subarray(i * window, (i + 1) * window)),
  );
  const quiet = Math.max(...levels) * SILENCE;
  const first = levels.findIndex((level) => level > quiet) * window;
  const last = (levels.findLastIndex((level) => level > quiet) + 1) * window;
  const from = Math.max(0, first - Math.round(FRONT_SECONDS * sampleRateHz));
  const clip = new Float32Array(last - from + Math.round(END_SECONDS * sampleRateHz));
  clip.set(samples.subarray(from, from + clip.length));

  const peak = clip.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9);
  const fade = Math.round(FADE_SECONDS * sampleRateHz);
  return clip.map((sample, i) => {
    const edge = Math.min(1, i / fade, (clip.length - 1 - i) / fade);
    return (sample * edge * PEAK) / peak;
  });
}

/**
 * A 16-bit mono WAV file.
 *
 * @param {Float32Array} samples [-1, 1].
 * @param {number} sampleRateHz
 * @returns {Uint8Array}
 */
export function encodeWav(samples, sampleRateHz) {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16); // the size of the format chunk
  bytes.writeUInt16LE(1, 20); // PCM
  bytes.writeUInt16LE(1, 22); // channels
  bytes.writeUInt32LE(sampleRateHz, 24);
  bytes.writeUInt32LE(2 * sampleRateHz, 28); // bytes per second
  bytes.writeUInt16LE(2, 32); // bytes per frame
  bytes.writeUInt16LE(16, 34); // bits
  bytes.write("data", 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, i) => {
    bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32767), 44 + 2 * i);
  });
  return bytes;
}

/** @param {Float32Array} samples */
function rms(samples) {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}
