// @ts-check
import { readFileSync } from "node:fs";
import { LISTS, TEMPLATES } from "./corpus-templates.mjs";

const MAX_WORDS = 12;
const CORPUS_SENTENCES = 11_000;

/** Sentences written one by one, with the constructions that templates lack. */
const handwrittenSentences = readLines("./corpus-handwritten.txt");

/** The sentences of the training corpus. */
export function corpusSentences() {
  return makeSentences(CORPUS_SENTENCES, 1);
}

/** Other sentences, for the second part of the training; none of them is among the first. */
export function moreSentences() {
  const first = new Set(corpusSentences());
  return makeSentences(2 * CORPUS_SENTENCES, 1).filter((sentence) => !first.has(sentence));
}

/** Frames for words of all kinds: what they say is nonsense, how they are read is not. */
const WORD_FRAMES = [
  "The _ and the _ were _.",
  "_ is not the same as _.",
  "She wrote _, _ and _ on the wall.",
  "Do you know what _ means?",
  "They call it _ _ in the _.",
  "He said _ before he said _.",
  "A _ of _ is on the _.",
  "We _ the _ with a _ _.",
  "Every _ has its own _ _.",
  "I read about _ and _.",
  "_, _, _ and _.",
  "If you _ it, it will _.",
  "This _ has never been _ by a _.",
  "Where are the _ for my _?",
  "You should _ your _ at _.",
  "My _ can be _ or _.",
];

/**
 * Sentences of words from a list, each word as often as any other: for a model that has to read words that are
 * in no template. All different; the same seed gives the same.
 *
 * @param {number} count
 * @param {readonly string[]} words Such as Debian's `wamerican-small` has; those of other than 3 to 10 plain letters are left out.
 */
export function wordSentences(count, words) {
  const random = randomFrom(7);
  const plain = words.filter((word) => /^[a-z]{3,10}$/.test(word));
  const sentences = /** @type {Set<string>} */ (new Set());
  const pick = makeDeck(plain, random);
  const frame = makeDeck(WORD_FRAMES, random);
  while (sentences.size < count) sentences.add(capitalize(frame().replaceAll("_", () => pick())));
  return [...sentences];
}

/**
 * Natural English sentences for training speech, in random order and all different: the handwritten
 * ones and as many from the templates as are wanted. The same seed gives the same sentences.
 *
 * @param {number} count How many sentences.
 * @param {number} seed Any whole number.
 * @returns {string[]}
 */
export function makeSentences(count, seed) {
  const random = randomFrom(seed);
  const decks = new Map(
    Object.entries(LISTS).map(([name, phrases]) => [name, makeDeck(phrases, random)]),
  );
  const templates = makeDeck(
    TEMPLATES.flatMap(([template, weight]) => Array.from({ length: weight }, () => template)),
    random,
  );
  const sentences = new Set(handwrittenSentences);
  for (let tries = 0; sentences.size < count; tries++) {
    if (tries > 20 * count) {
      throw new Error(`makeSentences: only ${sentences.size} of ${count} found; add templates.`);
    }
    const sentence = capitalize(fill(templates(), decks));
    if (sentence && sentence.split(" ").length <= MAX_WORDS) sentences.add(sentence);
  }
  return shuffle([...sentences], random);
}

/**
 * A generator of uniform numbers in [0, 1).
 *
 * @param {number} seed
 * @returns {() => number}
 * @see mulberry32 by Tommy Ettinger, public domain.
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The non-empty lines of a text file beside this one.
 *
 * @param {string} path
 * @returns {string[]}
 */
export function readLines(path) {
  return readFileSync(new URL(path, import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);
}

/**
 * The template with a phrase in place of each list's name; "" when two phrases are the same.
 *
 * @param {string} template
 * @param {ReadonlyMap<string, () => string>} decks
 */
function fill(template, decks) {
  /** @type {string[]} */
  const used = [];
  const sentence = template.replace(/\{(\w+)\}/g, (_, name) => {
    const draw = decks.get(name);
    if (!draw) throw new Error(`"${template}": there is no list "${name}" in LISTS.`);
    used.push(draw());
    return used.at(-1) ?? "";
  });
  return new Set(used).size === used.length ? sentence : "";
}

/**
 * Draws like from a pack of cards: all come up equally often, in random order.
 *
 * @param {readonly string[]} cards
 * @param {() => number} random
 * @returns {() => string}
 */
function makeDeck(cards, random) {
  /** @type {string[]} */
  let left = [];
  return () => {
    if (left.length === 0) left = shuffle(cards, random);
    return left.pop() ?? "";
  };
}

/**
 * @param {readonly string[]} items
 * @param {() => number} random
 * @returns {string[]} A shuffled copy.
 */
function shuffle(items, random) {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [/** @type {string} */ (copy[j]), /** @type {string} */ (copy[i])];
  }
  return copy;
}

/** @param {string} sentence */
function capitalize(sentence) {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
