import { type Cleaners, cleaners } from "./cleaners.js";
import { knownPunctuation } from "./known-punctuation.js";
import { knownSigns } from "./known-signs.js";
import { applyMerges, type Merge, type Merges, pairKey } from "./merges.js";
import { pieces } from "./pieces.js";
import { TextError, type UnknownCharacter } from "./text-error.js";
import { parseTokenizerJSON, type TokenizerJSON, writeTokenizerJSON } from "./tokenizer-json.js";
import { SPACE, STOP, UNKNOWN, type Vocabulary } from "./vocabulary.js";

/**
 * About twenty minutes of speech. A TorToiSe model reads 402 tokens at once: more than this is a whole
 * file by mistake, and merging takes time quadratic in the longest word.
 */
const MAX_CHARACTERS = 20_000;

/**
 * Turns text into the token ids that a TorToiSe model reads, and back.
 *
 * @see neonbjb/tortoise-tts, VoiceBpeTokenizer, and the library `tokenizers`, whose ids it gives.
 */
export class Tokenizer {
  /** How {@link encode} prepares a text. */
  readonly cleaners: Cleaners;
  /** Every token with its id. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Rows that a model's text embedding needs: the largest id plus one. */
  readonly vocabularySize: number;

  readonly #source: Vocabulary;
  readonly #merges: Merges;
  readonly #tokenOf: ReadonlyMap<number, string>;
  readonly #addedTokens: RegExp;
  readonly #unknownId: number;

  /** Most callers want {@link Tokenizer.fromJSON} or `trainTokenizer`, which check what they are given. */
  constructor(vocabulary: Vocabulary) {
    const id = (token: string): number => vocabulary.tokens.get(token) ?? 0;
    this.cleaners = vocabulary.cleaners;
    this.vocabulary = vocabulary.tokens;
    this.vocabularySize = [...vocabulary.tokens.values()].reduce((a, b) => Math.max(a, b), -1) + 1;
    this.#source = vocabulary;
    this.#merges = new Map(
      vocabulary.merges.map(([left, right], rank): [number, Merge] => {
        return [pairKey(id(left), id(right)), { rank, token: id(left + right) }];
      }),
    );
    this.#tokenOf = new Map([...vocabulary.tokens].map(([token, id]) => [id, token]));
    this.#addedTokens = anyOf(vocabulary.addedTokens.map(({ content }) => content));
    this.#unknownId = id(UNKNOWN);
  }

  /**
   * Reads a tokenizer in the format of the library `tokenizers`: `Tokenizer.fromJSON(JSON.parse(text))`.
   *
   * @param options.cleaners How texts are prepared; by default what the file says, else "english".
   * @throws {TextError} The file is not a BPE tokenizer of TorToiSe's kind.
   */
  static fromJSON(json: unknown, options: { readonly cleaners?: Cleaners } = {}): Tokenizer {
    return new Tokenizer({ ...parseTokenizerJSON(json), ...options });
  }

  /** The tokenizer in the format of the library `tokenizers`; `JSON.stringify(tokenizer)` calls it. */
  toJSON(): TokenizerJSON {
    return writeTokenizerJSON(this.#source);
  }

  /** The text as the model reads it: numbers in words, lower case and so on, as the cleaners do. */
  clean(text: string): string {
    return cleaners[this.cleaners](text);
  }

  /**
   * Token ids of a text, which is cleaned first. No [STOP] is added.
   *
   * @param options.unknown What becomes of characters outside the vocabulary: [UNK] for each, which a
   * model cannot speak ("replace", as TorToiSe), or an error that lists them ("throw").
   * @param options.punctuation What becomes of punctuation outside the vocabulary: it counts as unknown ("keep", as
   * TorToiSe), or what the vocabulary has is taken in its place, with signs like "&" in English words ("adapt"; see the README).
   * @throws {TextError} The text is longer than 20,000 characters, or has unknown ones to throw for.
   */
  encode(
    text: string,
    options: {
      readonly unknown?: "replace" | "throw";
      readonly punctuation?: "keep" | "adapt";
    } = {},
  ): number[] {
    if (text.length > MAX_CHARACTERS) {
      throw new TextError(
        `Tokenizer.encode: the text has ${text.length} characters, at most ${MAX_CHARACTERS} are allowed, and a model reads a few hundred at once; split it into sentences.`,
      );
    }
    const cleaned =
      options.punctuation === "adapt" ? this.#adapted(this.clean(text)) : this.clean(text);
    if (options.unknown === "throw") this.#expectKnown(cleaned);
    return cleaned
      .replaceAll(" ", SPACE)
      .split(this.#addedTokens)
      .flatMap((part, i) =>
        isAdded(i) ? [this.#idOf(part)] : pieces(part).flatMap((p) => this.#encodePiece(p)),
      );
  }

  /**
   * The text of token ids, without [STOP] and [UNK].
   *
   * @throws {TextError} An id is not in the vocabulary.
   */
  decode(ids: readonly number[]): string {
    return ids
      .map((id, i) => {
        const token = this.#tokenOf.get(id);
        if (token === undefined) {
          throw new TextError(
            `Tokenizer.decode: ids[${i}] is ${id}, which is not in the vocabulary of ${this.vocabularySize} tokens.`,
          );
        }
        if (token === STOP || token === UNKNOWN) return "";
        return token === SPACE ? " " : token;
      })
      .join("");
  }

  /** The characters of a text, once cleaned, that the vocabulary cannot write: each once, in order. */
  unknownCharacters(text: string): string[] {
    return [...new Set(this.#findUnknown(this.clean(text)).map(({ character }) => character))];
  }

  #adapted(cleaned: string): string {
    const isKnown = (sign: string): boolean => this.vocabulary.has(sign);
    return cleaned
      .split(this.#addedTokens)
      .map((part, i) => {
        if (isAdded(i)) return part;
        const read = this.cleaners === "english" ? knownSigns(part, isKnown) : part;
        return knownPunctuation(read, isKnown);
      })
      .join("");
  }

  #encodePiece(piece: string): number[] {
    const ids = applyMerges(
      Array.from(piece, (character) => this.#idOf(character)),
      this.#merges,
    );
    if (!this.#source.fuseUnknown) return ids;
    return ids.filter((id, i) => id !== this.#unknownId || ids[i - 1] !== this.#unknownId);
  }

  #idOf(token: string): number {
    return this.vocabulary.get(token) ?? this.#unknownId;
  }

  #findUnknown(cleaned: string): UnknownCharacter[] {
    const unknown: UnknownCharacter[] = [];
    let index = 0;
    for (const [i, part] of cleaned.split(this.#addedTokens).entries()) {
      for (const character of isAdded(i) ? [part] : part) {
        if (!this.vocabulary.has(character) && !/\p{White_Space}/u.test(character)) {
          unknown.push({ character, index });
        }
        index += character.length;
      }
    }
    return unknown;
  }

  #expectKnown(cleaned: string): void {
    const unknown = this.#findUnknown(cleaned);
    if (unknown.length === 0) return;
    const shown = unknown.slice(0, 10).map((u) => `${JSON.stringify(u.character)} at ${u.index}`);
    const more = unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : "";
    const excerpt = cleaned.length > 100 ? `${cleaned.slice(0, 100)}…` : cleaned;
    throw new TextError(
      `Tokenizer.encode: outside the vocabulary: ${shown.join(", ")}${more}, in the cleaned text ${JSON.stringify(excerpt)}. Write them in words, leave them out, or train a vocabulary that has them.`,
      unknown,
    );
  }
}

/** Splitting by this gives text and found tokens in turn, the longest token first where two begin. */
function anyOf(tokens: readonly string[]): RegExp {
  const escaped = [...tokens]
    .sort((a, b) => b.length - a.length)
    .map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(`(${escaped.join("|")})`);
}

function isAdded(part: number): boolean {
  return part % 2 === 1;
}
