// @ts-check
/**
 * What an independent recogniser understands:
 *
 *     node tools/base/recognise.mjs FILE.wav... [--reference "the text"]
 *     node tools/base/recognise.mjs --corpus FOLDER [--every 100]
 *
 * The second form takes every n-th clip of an LJSpeech folder and gives the word error rate of each
 * speaker. It needs sox, pocketsphinx and its model of American English; the model of the language
 * is its general trigram one, never a list of the sentences to expect.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const MODEL = "/usr/share/pocketsphinx/model/en-us";
const run = promisify(execFile);

/**
 * The words pocketsphinx hears in a sound file.
 *
 * @param {string} path A file that sox reads.
 * @returns {Promise<string>} Lower-case words; "" if it hears none.
 */
export async function recognise(path) {
  const folder = await mkdtemp(join(tmpdir(), "recognise-"));
  try {
    const wav = join(folder, "speech.wav");
    // The recogniser wants 16 kHz, and silence around the speech to find where it begins and ends.
    const format = ["-r", "16000", "-b", "16", "-c", "1"];
    await run("sox", ["-D", "-v", "0.9", path, ...format, wav, "pad", "0.3", "0.4"]);
    const { stdout } = await run("pocketsphinx_continuous", [
      ...["-hmm", join(MODEL, "en-us")],
      ...["-lm", join(MODEL, "en-us.lm.bin")],
      ...["-dict", join(MODEL, "cmudict-en-us.dict")],
      ...["-logfn", join(folder, "log"), "-infile", wav],
    ]);
    return stdout.trim().replace(/\s+/g, " ");
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Wrong, missing and added words per word of the reference.
 *
 * @param {string} reference Any text; case and punctuation do not count.
 * @param {string} hypothesis
 * @returns {number} 0 when all words are right; above 1 when many are added.
 */
export function wordErrorRate(reference, hypothesis) {
  const expected = wordsOf(reference);
  return wordErrors(expected, wordsOf(hypothesis)) / expected.length;
}

/**
 * The fewest changes from one list of words to the other.
 *
 * @param {readonly string[]} expected
 * @param {readonly string[]} heard
 */
function wordErrors(expected, heard) {
  let row = Array.from({ length: heard.length + 1 }, (_, j) => j);
  for (const [i, word] of expected.entries()) {
    const next = [i + 1];
    for (const [j, other] of heard.entries()) {
      const changed = /** @type {number} */ (row[j]) + (word === other ? 0 : 1);
      const missing = /** @type {number} */ (row[j + 1]) + 1;
      const added = /** @type {number} */ (next[j]) + 1;
      next.push(Math.min(changed, missing, added));
    }
    row = next;
  }
  return /** @type {number} */ (row.at(-1));
}

/** @param {string} text */
function wordsOf(text) {
  return text.toLowerCase().match(/[a-z']+/g) ?? [];
}

/**
 * Prints the word error rate of each speaker over every n-th clip.
 *
 * @param {string} folder Holds metadata.csv (`id|text` or `id|text|speaker`) and wavs/.
 * @param {number} every
 */
async function measureCorpus(folder, every) {
  const lines = (await readFile(join(folder, "metadata.csv"), "utf8")).trim().split("\n");
  /** @type {Map<string, { clips: number, errors: number, words: number }>} */
  const totals = new Map();
  for (const line of lines.filter((_, i) => i % every === 0)) {
    const [id = "", text = "", speaker = "the speaker"] = line.split("|");
    const heard = await recognise(join(folder, "wavs", `${id}.wav`));
    const words = wordsOf(text);
    const errors = wordErrors(words, wordsOf(heard));
    console.log(`${id}  ${errors} of ${words.length} wrong\n  said:  ${text}\n  heard: ${heard}`);
    for (const name of [speaker, "all"]) {
      const total = totals.get(name) ?? { clips: 0, errors: 0, words: 0 };
      total.clips += 1;
      total.errors += errors;
      total.words += words.length;
      totals.set(name, total);
    }
  }
  for (const [name, { clips, errors, words }] of totals) {
    console.log(
      `${name.padEnd(16)} ${clips} clips, word error rate ${(errors / words).toFixed(3)}`,
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      reference: { type: "string" },
      corpus: { type: "string" },
      every: { type: "string", default: "1" },
    },
  });
  if (values.corpus) await measureCorpus(values.corpus, Number(values.every));
  for (const path of positionals) {
    const heard = await recognise(path);
    console.log(`${path}: ${heard}`);
    if (values.reference !== undefined) {
      console.log(`word error rate ${wordErrorRate(values.reference, heard).toFixed(3)}`);
    }
  }
}
