import { heardText, wordsInBrackets } from "./pipeline/brackets.js";

export interface SplitOptions {
  /** Characters after which the next end of a sentence is a cut; default 200. */
  readonly desiredLength?: number;
  /** Characters that a piece has at most; default 300. */
  readonly maxLength?: number;
}

/**
 * Cuts a long text into pieces to be spoken one after the other, if possible between sentences and outside of quotes.
 *
 * A text with `|` in it is cut there alone. The lengths are those of the text as it is given, on one line, but for words
 * in brackets: they stay with what follows them. Pieces of which nothing would be heard are left out.
 *
 * @see neonbjb/tortoise-tts 3.0.0, utils/text.py and read.py, whose pieces it gives.
 * @throws {RangeError} A length is not a whole number above 0, or the desired one is above the longest.
 */
export function splitText(text: string, options: SplitOptions = {}): string[] {
  const { desiredLength = 200, maxLength = 300 } = options;
  if (
    !Number.isInteger(desiredLength) ||
    !Number.isInteger(maxLength) ||
    desiredLength < 1 ||
    desiredLength > maxLength
  )
    throw new RangeError(
      `splitText: desiredLength is ${desiredLength} and maxLength ${maxLength}; give whole numbers above 0, the first no larger than the second`,
    );
  const pieces = text.includes("|")
    ? text.split("|")
    : new Splitter(onOneLine(text), { desiredLength, maxLength }).pieces();
  return pieces
    .map((piece) => piece.trim())
    .filter((piece) => !/^[\s.,;:!?]*$/.test(heardText(piece)));
}

const characters = new RegExp(`(?:${wordsInBrackets} ?)+.?|.`, "gsu");

/** Characters, to each of which belong the words in brackets before it. */
function onOneLine(text: string): string[] {
  const line = text.replace(/\s+/gu, " ").replace(/[“”]/g, '"');
  return line.match(characters) ?? [];
}

/** Walks through a text and notes where sentences end. */
class Splitter {
  readonly #text: readonly string[];
  readonly #desired: number;
  readonly #max: number;
  readonly #pieces: string[] = [];
  /** Of the last character of the piece so far; it begins at `#start`. */
  #at = -1;
  #start = 0;
  #inQuote = false;
  /** Where the last sentence of the piece so far ends. */
  #sentenceEnd: number | undefined;

  constructor(text: readonly string[], { desiredLength, maxLength }: Required<SplitOptions>) {
    this.#text = text;
    this.#desired = desiredLength;
    this.#max = maxLength;
  }

  pieces(): string[] {
    while (this.#at < this.#text.length - 1) {
      this.#forward();
      if (this.#length >= this.#max) this.#cutLongPiece();
      else if (!this.#inQuote && this.#isSentenceEnd()) this.#endSentence();
      else if (this.#inQuote && this.#next(1) === '"' && isGap(this.#next(2))) this.#endQuote();
    }
    this.#cut();
    return this.#pieces;
  }

  get #length(): number {
    return this.#at + 1 - this.#start;
  }

  /** Back to the last sentence's end if the piece is long enough to have one, else to the last word's. */
  #cutLongPiece(): void {
    if (this.#sentenceEnd !== undefined && this.#length > this.#desired / 2)
      while (this.#at > this.#sentenceEnd) this.#back();
    else
      while (!/[!?.\s]/.test(this.#here) && this.#at > 0 && this.#length > this.#desired)
        this.#back();
    this.#cut();
  }

  #isSentenceEnd(): boolean {
    return "!?".includes(this.#here) || (this.#here === "." && isGap(this.#next(1)));
  }

  /** Takes what follows of "?!" and "..." along. */
  #endSentence(): void {
    while (
      this.#at < this.#text.length - 1 &&
      this.#length < this.#max &&
      "!?.".includes(this.#next(1))
    )
      this.#forward();
    this.#sentenceEnd = this.#at;
    if (this.#length >= this.#desired) this.#cut();
  }

  #endQuote(): void {
    this.#forward();
    this.#forward();
    this.#sentenceEnd = this.#at;
  }

  #cut(): void {
    this.#pieces.push(this.#text.slice(this.#start, this.#at + 1).join(""));
    this.#start = this.#at + 1;
    this.#sentenceEnd = undefined;
  }

  get #here(): string {
    return this.#text[this.#at]?.at(-1) ?? "";
  }

  #forward(): void {
    this.#at++;
    this.#crossQuote();
  }

  #back(): void {
    this.#at--;
    this.#crossQuote();
  }

  /** On the way back, too, as the original: the quote that one stands on then counts as open again. */
  #crossQuote(): void {
    if (this.#here === '"') this.#inQuote = !this.#inQuote;
  }

  /** A character further on. The last one of the text is never seen, as if the text ended before it. */
  #next(distance: number): string {
    const at = this.#at + distance;
    return at < this.#text.length - 1 ? (this.#text[at]?.at(0) ?? "") : "";
  }
}

/** White space or the text's end. */
function isGap(character: string): boolean {
  return character === "" || character === " ";
}
