// @ts-check
/**
 * Makes the speech on which the base model is trained:
 *
 *     node tools/base/corpus.mjs OUT [--more | --words FILE | --parallel --words FILE] [--clips 12000] [--jobs 2]
 *
 * (`--more`: other sentences, and voices at more heights; `--words`: sentences of words from a list, a word a line,
 * such as /usr/share/dict/american-english-small of Debian's `wamerican-small`; `--parallel`: half of the one and half of
 * the other, every sentence by all voices)
 * writes OUT/metadata.csv (`id|text|speaker`) and OUT/wavs/ID.wav (22,050 Hz, 16 bits, mono). It
 * needs the programs flite and sox, and for `--parallel` espeak-ng and pico2wave (of `libttspico-utils`, in Debian's non-free
 * section). The same versions of these make the same corpus.
 */
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { corpusSentences, moreSentences, wordSentences } from "./corpus-sentences.mjs";
import { speak } from "./corpus-speak.mjs";
import { MORE_SPEAKERS, PARALLEL_SPEAKERS, SPEAKERS, WORD_SPEAKERS } from "./corpus-speakers.mjs";
import { encodeWav } from "./corpus-wav.mjs";

/** @typedef {import("./corpus-speakers.mjs").Speaker} Speaker */
/** @typedef {{ id: string, text: string, speaker: Speaker }} Clip */

const SAMPLE_RATE_HZ = 22_050;
const MIN_SECONDS = 0.7;
const MAX_SECONDS = 4;
/** How far the next speaker starts in the list of sentences, in units of this speaker's clips. */
const FRESH_SHARE = 0.9;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    more: { type: "boolean", default: false },
    words: { type: "string" },
    parallel: { type: "boolean", default: false },
    clips: { type: "string", default: "12000" },
    jobs: { type: "string", default: "2" },
  },
});
const [folder] = positionals;
if (!folder) throw new Error("corpus: give the output folder, e.g. node tools/base/corpus.mjs OUT");

const speakers = values.words ? WORD_SPEAKERS : values.more ? MORE_SPEAKERS : SPEAKERS;
await mkdir(join(folder, "wavs"), { recursive: true });
const started = Date.now();
const clips = values.parallel ? planParallel(Number(values.clips)) : plan(Number(values.clips));
const seconds = /** @type {Map<Clip, number>} */ (new Map());
const queue = clips.values();
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async () => {
    for (const clip of queue) {
      seconds.set(clip, await speakTo(folder, clip));
      if (seconds.size % 200 === 0) console.log(`${seconds.size} of ${clips.length} clips`);
    }
  }),
);
const kept = clips.filter((clip) => isWanted(seconds.get(clip)));
const lines = kept.map(({ id, text, speaker }) => `${id}|${text}|${speaker.id}\n`);
await writeFile(join(folder, "metadata.csv"), lines.join(""));
printSummary();

/**
 * Who says what. Each speaker has a run of the shuffled sentences that overlaps the next one's.
 *
 * @param {number} count How many clips in all.
 * @returns {Clip[]}
 */
function plan(count) {
  const sentences = sentencesToSpeak(count);
  let start = 0;
  return speakers.flatMap((speaker) => {
    const length = Math.round(count * speaker.share);
    const first = start;
    start += Math.round(length * FRESH_SHARE);
    return Array.from({ length }, (_, i) => ({
      id: `${speaker.id}-${String(i).padStart(4, "0")}`,
      text: /** @type {string} */ (sentences[(first + i) % sentences.length]),
      speaker,
    }));
  });
}

/**
 * Every sentence by all speakers: half of the corpus's own, half of words from the list.
 *
 * @param {number} count How many clips in all.
 * @returns {Clip[]}
 */
function planParallel(count) {
  if (!values.words) throw new Error("corpus: --parallel needs --words FILE");
  const half = Math.ceil(count / PARALLEL_SPEAKERS.length / 2);
  const words = readFileSync(values.words, "utf8").split("\n");
  const sentences = [...corpusSentences().slice(0, half), ...wordSentences(half, words)];
  return sentences.flatMap((text, i) =>
    PARALLEL_SPEAKERS.map((variants) => {
      const speaker = /** @type {Speaker} */ (variants[i % variants.length]);
      return { id: `${speaker.id}-${String(i).padStart(4, "0")}`, text, speaker };
    }),
  );
}

/** @param {number} count */
function sentencesToSpeak(count) {
  if (values.words) return wordSentences(count, readFileSync(values.words, "utf8").split("\n"));
  return values.more ? moreSentences() : corpusSentences();
}

/**
 * Speaks a clip and writes its file, unless it is too short or too long.
 *
 * @param {string} folder
 * @param {Clip} clip
 * @returns {Promise<number>} Its length in seconds.
 */
async function speakTo(folder, { id, text, speaker }) {
  const samples = await speak(speaker, text, SAMPLE_RATE_HZ);
  const length = samples.length / SAMPLE_RATE_HZ;
  if (isWanted(length)) {
    await writeFile(join(folder, "wavs", `${id}.wav`), encodeWav(samples, SAMPLE_RATE_HZ));
  }
  return length;
}

/** @param {number | undefined} length In seconds. */
function isWanted(length = 0) {
  return length >= MIN_SECONDS && length <= MAX_SECONDS;
}

function printSummary() {
  /** @param {readonly Clip[]} some */
  const hours = (some) => some.reduce((sum, clip) => sum + (seconds.get(clip) ?? 0), 0) / 3600;
  for (const id of new Set(kept.map(({ speaker }) => speaker.id))) {
    const own = kept.filter(({ speaker }) => speaker.id === id);
    console.log(`${id.padEnd(16)} ${own.length} clips ${hours(own).toFixed(2)} hours`);
  }
  const texts = new Set(kept.map((clip) => clip.text));
  console.log(`in all: ${kept.length} clips, ${hours(kept).toFixed(2)} hours`);
  console.log(`${texts.size} different sentences`);
  console.log(
    `${clips.length - kept.length} left out: under ${MIN_SECONDS} s or over ${MAX_SECONDS} s`,
  );
  console.log(`${Math.round((Date.now() - started) / 1000)} s`);
}
