import { type Cleaners, cleaners as cleanersByName } from "./cleaners.js";
import { MAX_TOKENS, pairKey } from "./merges.js";
import { pieces } from "./pieces.js";
import { TextError } from "./text-error.js";
import { Tokenizer } from "./tokenizer.js";
import { SPECIAL_TOKENS } from "./vocabulary.js";

/** What {@link trainTokenizer} is to make. */
export interface TrainTokenizerOptions {
  /** Tokens in all: three special ones, the characters, then merges. TorToiSe: 255. */
  readonly vocabularySize: number;
  /** How texts are prepared, when training and when encoding. Default: "english". */
  readonly cleaners?: Cleaners;
  /** Characters that get a token even where the texts do not have them. Default: none. */
  readonly alphabet?: string;
  /** How often a pair must occur to become a token. Default: 1. */
  readonly minimumCount?: number;
}

interface Word {
  tokens: readonly number[];
  readonly count: number;
}

/**
 * Learns a vocabulary from texts by byte-pair encoding: the pair of tokens that occurs most often
 * becomes a token, until there are enough; of equal pairs, the one of the lower ids.
 *
 * The vocabulary is smaller than asked for where the texts have too few pairs.
 *
 * @throws {TextError} No text has a character, or the size leaves no room for the characters.
 * @see BpeTrainer of the library `tokenizers`, whose vocabulary and merges it gives.
 */
export function trainTokenizer(texts: Iterable<string>, options: TrainTokenizerOptions): Tokenizer {
  const { vocabularySize, cleaners = "english", alphabet = "", minimumCount = 1 } = options;
  const counts = countPieces(texts, cleanersByName[cleaners]);
  const characters = sortedCharacters([...counts.keys(), alphabet]);
  const tokens: string[] = [...SPECIAL_TOKENS, ...characters];
  expectRoom(vocabularySize, characters.length);

  const ids = new Map(tokens.map((token, id) => [token, id]));
  const words = Array.from(counts, ([piece, count]): Word => {
    return { tokens: Array.from(piece, (character) => ids.get(character) ?? 0), count };
  });
  const pairs = new PairCounts(words);
  const merges: [string, string][] = [];
  while (ids.size < vocabularySize) {
    const pair = pairs.mostFrequent();
    if (pair === undefined || pair.count < minimumCount) break;
    const [left = "", right = ""] = [tokens[pair.left], tokens[pair.right]];
    merges.push([left, right]);
    const id = ids.get(left + right) ?? tokens.push(left + right) - 1;
    ids.set(left + right, id);
    pairs.merge(pair.left, pair.right, id);
  }

  return new Tokenizer({
    tokens: ids,
    merges,
    addedTokens: SPECIAL_TOKENS.map((content, id) => ({ id, content, special: true })),
    fuseUnknown: false,
    cleaners,
  });
}

/** How often each pair of neighbouring tokens occurs in the words, kept up to date while they merge. */
class PairCounts {
  readonly #counts = new Map<number, number>();
  /** The words that have a pair, or had it once. */
  readonly #wordsOf = new Map<number, Set<Word>>();

  constructor(words: readonly Word[]) {
    for (const word of words) this.#count(word, word.count);
  }

  mostFrequent(): { left: number; right: number; count: number } | undefined {
    let [best, most] = [-1, 0];
    for (const [pair, count] of this.#counts) {
      if (count > most || (count === most && pair < best)) [best, most] = [pair, count];
    }
    return most === 0
      ? undefined
      : { left: Math.floor(best / MAX_TOKENS), right: best % MAX_TOKENS, count: most };
  }

  merge(left: number, right: number, merged: number): void {
    const pair = pairKey(left, right);
    for (const word of this.#wordsOf.get(pair) ?? []) {
      this.#count(word, -word.count);
      word.tokens = replacePair(word.tokens, left, right, merged);
      this.#count(word, word.count);
    }
    this.#wordsOf.delete(pair);
  }

  #count(word: Word, change: number): void {
    for (let i = 1; i < word.tokens.length; i++) {
      const pair = pairKey(word.tokens[i - 1] ?? 0, word.tokens[i] ?? 0);
      const count = (this.#counts.get(pair) ?? 0) + change;
      if (count === 0) this.#counts.delete(pair);
      else this.#counts.set(pair, count);
      const words = this.#wordsOf.get(pair);
      if (words === undefined) this.#wordsOf.set(pair, new Set([word]));
      else words.add(word);
    }
  }
}

function replacePair(
  tokens: readonly number[],
  left: number,
  right: number,
  merged: number,
): number[] {
  const result: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const isPair = tokens[i] === left && tokens[i + 1] === right;
    result.push(isPair ? merged : (tokens[i] ?? 0));
    if (isPair) i++;
  }
  return result;
}

function countPieces(
  texts: Iterable<string>,
  clean: (text: string) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const piece of pieces(clean(text))) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  if (counts.size === 0) {
    throw new TextError(
      "trainTokenizer: the texts have no characters; give at least one sentence.",
    );
  }
  return counts;
}

function sortedCharacters(texts: readonly string[]): string[] {
  const characters = new Set(texts.flatMap((text) => pieces(text)).flatMap((piece) => [...piece]));
  return [...characters].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
}

function expectRoom(vocabularySize: number, characterCount: number): void {
  const least = SPECIAL_TOKENS.length + characterCount;
  const hasRoom = vocabularySize >= least && vocabularySize <= MAX_TOKENS;
  if (hasRoom && Number.isInteger(vocabularySize)) return;
  throw new TextError(
    `trainTokenizer: vocabularySize is ${vocabularySize}; give a whole number from ${least} (${SPECIAL_TOKENS.length} special tokens and the ${characterCount} characters of the texts) to ${MAX_TOKENS}.`,
  );
}
