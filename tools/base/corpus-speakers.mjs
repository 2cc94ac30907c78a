// @ts-check

/**
 * A training voice: a program and its options, and what sox does afterwards.
 *
 * @typedef {object} Speaker
 * @property {string} id
 * @property {number} share Its part of all clips.
 * @property {(text: string, path: string) => [program: string, ...options: string[]]} command
 * @property {readonly string[]} effects Effects of sox.
 */

/** @param {number} pitchHz How high it speaks on average. */
const pitch = (pitchHz) => ["--setf", `int_f0_target_mean=${pitchHz}`];
/** @param {number} factor Speaks slower by this factor. */
const stretch = (factor) => ["--setf", `duration_stretch=${factor}`];

/**
 * A voice of flite. `higher` plays it faster, so that it gets higher and its vowels brighter, as if
 * from a smaller speaker; stretching beforehand keeps its pace.
 *
 * @param {string} id
 * @param {{ share: number, voice: string, options?: string[], higher?: number }} options
 * @returns {Speaker}
 */
export function flite(id, { share, voice, options = [], higher = 1 }) {
  return {
    id,
    share,
    command: (text, path) => ["flite", "-voice", voice, ...options, "-o", path, "-t", text],
    effects: higher === 1 ? [] : ["speed", String(higher)],
  };
}

/**
 * A voice of espeak-ng: an accent with a variant.
 *
 * @param {string} id
 * @param {{ share: number, voice: string, wordsPerMinute: number, pitch: number }} options
 * @returns {Speaker}
 */
function espeak(id, { share, voice, wordsPerMinute, pitch }) {
  const options = ["-v", voice, "-s", String(wordsPerMinute), "-p", String(pitch)];
  return {
    id,
    share,
    command: (text, path) => ["espeak-ng", ...options, "-w", path, text],
    effects: [],
  };
}

/** All training voices; flite's `slt` is missing because it is the demo's new voice. */
export const SPEAKERS = /** @type {readonly Speaker[]} */ ([
  flite("rms", { share: 0.17, voice: "rms" }),
  flite("awb", { share: 0.17, voice: "awb" }),
  flite("kal", { share: 0.13, voice: "kal16" }),
  flite("rms-high", { share: 0.09, voice: "rms", options: stretch(1.1), higher: 1.14 }),
  flite("awb-high", {
    share: 0.08,
    voice: "awb",
    options: [...pitch(150), ...stretch(1.2)],
    higher: 1.14,
  }),
  flite("kal-high", {
    share: 0.08,
    voice: "kal16",
    options: [...pitch(165), ...stretch(1.2)],
    higher: 1.14,
  }),
  espeak("american-woman", { share: 0.06, voice: "en-us+f2", wordsPerMinute: 150, pitch: 50 }),
  espeak("american-man", { share: 0.05, voice: "en-us", wordsPerMinute: 150, pitch: 45 }),
  espeak("american-girl", { share: 0.05, voice: "en-us+f5", wordsPerMinute: 160, pitch: 60 }),
  espeak("english-woman", { share: 0.04, voice: "en-gb-x-rp+f2", wordsPerMinute: 145, pitch: 40 }),
  espeak("american-elder", { share: 0.04, voice: "en-us+ed", wordsPerMinute: 140, pitch: 35 }),
  espeak("scottish-man", {
    share: 0.04,
    voice: "en-gb-scotland+m7",
    wordsPerMinute: 155,
    pitch: 50,
  }),
]);
