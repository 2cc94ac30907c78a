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

/** @param {number} pitchHz How high it speaks on average; flite's `rms` does not heed it. */
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

/** All training voices; flite's `slt` is missing because it is the demo's new voice. */
export const SPEAKERS = /** @type {readonly Speaker[]} */ ([
  flite("rms", { share: 0.35, voice: "rms" }),
  flite("awb", { share: 0.2, voice: "awb" }),
  flite("rms-high", { share: 0.2, voice: "rms", options: stretch(1.12), higher: 1.18 }),
  flite("awb-high", {
    share: 0.25,
    voice: "awb",
    options: [...pitch(150), ...stretch(1.2)],
    higher: 1.16,
  }),
]);

/** The same voices at more heights, and a third one, for the second part of the training. */
export const MORE_SPEAKERS = /** @type {readonly Speaker[]} */ ([
  flite("rms", { share: 0.2, voice: "rms" }),
  flite("awb", { share: 0.15, voice: "awb" }),
  flite("kal16", { share: 0.15, voice: "kal16" }),
  flite("rms-high", { share: 0.12, voice: "rms", options: stretch(1.12), higher: 1.18 }),
  flite("awb-high", {
    share: 0.12,
    voice: "awb",
    options: [...pitch(150), ...stretch(1.2)],
    higher: 1.16,
  }),
  flite("rms-higher", {
    share: 0.13,
    voice: "rms",
    options: stretch(1.25),
    higher: 1.28,
  }),
  flite("awb-middle", {
    share: 0.13,
    voice: "awb",
    options: [...pitch(140), ...stretch(1.1)],
    higher: 1.08,
  }),
]);

/** For words from a list: each voice as it is, since training warps what it hears. */
export const WORD_SPEAKERS = /** @type {readonly Speaker[]} */ ([
  flite("rms", { share: 0.4, voice: "rms" }),
  flite("awb", { share: 0.3, voice: "awb" }),
  flite("kal16", { share: 0.3, voice: "kal16" }),
]);

/**
 * A voice of SVOX Pico, whose two English ones are women's.
 *
 * @param {string} id
 * @param {{ language: "en-US" | "en-GB", pitch?: number, speed?: number, higher?: number }} options Pitch and speed
 *   in percent of its own; see `flite` for `higher`.
 * @returns {Speaker}
 */
function pico(id, { language, pitch = 100, speed = 100, higher = 1 }) {
  return {
    id,
    share: 1,
    command: (text, path) => {
      const spoken = `<pitch level='${pitch}'><speed level='${speed}'>${text}</speed></pitch>`;
      return ["pico2wave", "-l", language, "-w", path, spoken];
    },
    effects: higher === 1 ? [] : ["speed", String(higher)],
  };
}

/**
 * A voice of eSpeak NG, made by rules and of any size.
 *
 * @param {string} id
 * @param {string} variant
 * @returns {Speaker}
 */
function espeak(id, variant) {
  return {
    id,
    share: 1,
    command: (text, path) => ["espeak-ng", "-v", `en-us+${variant}`, "-w", path, text],
    effects: [],
  };
}

/** @param {string} id @param {"en-US" | "en-GB"} language */
const picoVariants = (id, language) => [
  ...[100, 75, 88, 115].map((level) => pico(id, { language, pitch: level })),
  pico(id, { language, pitch: 100, speed: 112, higher: 0.88 }),
  pico(id, { language, pitch: 90, speed: 92, higher: 1.1 }),
];

/**
 * Voices that all say the same sentences, each as one of its variants in turn. The first is whom the dVAE gives
 * back, whoever was heard.
 */
export const PARALLEL_SPEAKERS = /** @type {readonly (readonly Speaker[])[]} */ ([
  [flite("rms", { share: 1, voice: "rms" })],
  [
    flite("awb", { share: 1, voice: "awb" }),
    flite("awb", { share: 1, voice: "awb", options: pitch(150) }),
    flite("awb", {
      share: 1,
      voice: "awb",
      options: [...pitch(150), ...stretch(1.2)],
      higher: 1.16,
    }),
    flite("awb", { share: 1, voice: "awb", options: stretch(0.92), higher: 0.9 }),
  ],
  [
    ...[90, 115, 150].map((hz) => flite("kal16", { share: 1, voice: "kal16", options: pitch(hz) })),
    flite("kal16", {
      share: 1,
      voice: "kal16",
      options: [...pitch(120), ...stretch(1.15)],
      higher: 1.15,
    }),
    flite("kal16", {
      share: 1,
      voice: "kal16",
      options: [...pitch(150), ...stretch(1.25)],
      higher: 1.25,
    }),
  ],
  picoVariants("pico-us", "en-US"),
  picoVariants("pico-gb", "en-GB"),
  ["m1", "m2", "m3", "m4", "m6", "m7"].map((variant) => espeak("espeak-m", variant)),
  ["f1", "f2", "f3", "f4", "f5"].map((variant) => espeak("espeak-f", variant)),
]);
