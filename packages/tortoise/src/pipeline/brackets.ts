import type { Audio } from "@hawksbill/audio";
import { TextError } from "@hawksbill/text";
import type { Likelihood, UnifiedVoice } from "@hawksbill/unified-voice";
import { joinAudio } from "../join-audio.js";

/** A part of a text: words to be heard or, where they stood in brackets, only to be spoken. */
export interface Stretch {
  readonly words: string;
  readonly isHidden: boolean;
}

/** A pattern of words in brackets. "[...]", and brackets around others, are punctuation as any other. */
export const wordsInBrackets = String.raw`\[[^[\]\p{L}\p{N}]*[\p{L}\p{N}][^[\]]*\]`;

/** The punctuation behind them is theirs. */
const hiddenWords = new RegExp(`(${wordsInBrackets}[,.;:!?…]*)`, "u");

/** The parts of a text with words in brackets, hidden and heard ones in turn; undefined of other texts. */
export function bracketed(text: string): readonly Stretch[] | undefined {
  const parts = text.split(hiddenWords);
  if (parts.length === 1) return undefined;
  const all: Stretch[] = [];
  for (const [i, part] of parts.entries()) {
    const isHidden = i % 2 === 1;
    const words = (isHidden ? part.replace(/[[\]]/g, "") : part).trim();
    const last = all.at(-1);
    if (last && (last.isHidden === isHidden || !hasWords(last.words) || !hasWords(words)))
      all[all.length - 1] = {
        words: `${last.words} ${words}`.trim(),
        isHidden: hasWords(words) ? isHidden : last.isHidden,
      };
    else all.push({ words, isHidden });
  }
  return all;
}

/** What is heard of a text: all but the words in brackets. */
export function heardText(text: string): string {
  const heard = bracketed(text)?.filter(({ isHidden }) => !isHidden);
  return heard ? spokenText(heard) : text;
}

/** What is spoken of a text in all. */
export function spokenText(stretches: readonly Stretch[]): string {
  return stretches.map(({ words }) => words).join(" ");
}

function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** A stretch as the model reads it. */
export interface StretchTokens {
  readonly isHidden: boolean;
  /** As a sentence of its own. */
  readonly alone: readonly number[];
  /** With all that follows it, as it is spoken. */
  readonly onwards: readonly number[];
}

/**
 * @param read What it throws is thrown here, before anything is spoken.
 * @returns The first one's `onwards` is the whole text.
 * @throws {TextError} No words would be heard.
 */
export function readBracketed(
  stretches: readonly Stretch[],
  read: (text: string) => readonly number[],
): readonly [StretchTokens, ...StretchTokens[]] {
  if (stretches.every(({ isHidden }) => isHidden))
    throw new TextError(
      `speak: all words of ${JSON.stringify(`[${spokenText(stretches).slice(0, 100)}]`)} stand in brackets, and are not heard; give words outside of them`,
    );
  const tokens = stretches.map(({ words, isHidden }, i) => ({
    isHidden,
    alone: read(/[.!?]$/.test(words) ? words : `${words.replace(/[,;:]+$/, "")}.`),
    onwards: read(spokenText(stretches.slice(i))),
  }));
  return tokens as [StretchTokens, ...StretchTokens[]];
}

interface Spoken {
  readonly unifiedVoice: Pick<UnifiedVoice, "likelihood" | "config">;
  readonly voice: Float32Array;
  readonly codes: Int32Array;
  readonly signal?: AbortSignal;
  /** Called as it begins, and after each pass through the model. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** Fewer codes than the shortest word has. */
const fewestCodes = 3;

/** Places that are looked at closely, by each of two measures. */
const closelyLookedAt = 8;

/** Through the model: of the first words, of all, and of the rest from each place on that is looked at closely. */
const mostPasses = 2 + 2 * closelyLookedAt;

/** Codes from one on, up to another. */
export type CodeRange = readonly [from: number, to: number];

/** Which codes say the words that are heard; the last ones to the end of the sound where those words end the text. */
export async function heardCodes(
  stretches: readonly StretchTokens[],
  { codes, onProgress, ...spoken }: Spoken,
): Promise<readonly CodeRange[]> {
  const ranges: CodeRange[] = [];
  const changes = stretches.length - 1;
  let from = 0;
  for (const [i, { isHidden, alone, onwards }] of stretches.entries()) {
    const rest = stretches[i + 1]?.onwards;
    const to = rest
      ? from +
        (await codesBeforeRest(
          { alone, onwards, rest },
          {
            ...spoken,
            codes: codes.subarray(from),
            onProgress: (done, of) => onProgress?.(i * of + done, changes * of),
          },
        ))
      : Infinity;
    if (!isHidden) ranges.push([from, to]);
    from = to;
  }
  return ranges;
}

/** What is spoken: words, and all that follows them. */
interface TwoParts extends Omit<StretchTokens, "isHidden"> {
  readonly rest: readonly number[];
}

/**
 * How many codes say the first words: where the codes are likeliest as two speeches, of these words and of the rest.
 * Places are first chosen by what is cheaper to say: where the first words alone would end, and where both parts are
 * likely, the second as the whole text's. All codes where there are too few for words of both parts.
 *
 * `tools/measure-brackets.ts` measures how often that is right.
 */
async function codesBeforeRest(
  { alone: first, onwards, rest }: TwoParts,
  { unifiedVoice, voice, codes: all, signal, onProgress }: Spoken,
): Promise<number> {
  const codes = all.subarray(0, unifiedVoice.config.maxMelTokens - 1); // The end behind them takes a place, too.
  if (codes.length < 2 * fewestCodes + 1) return all.length; // Not even a word of each was spoken.
  let done = 0;
  /** How likely codes are from a place on. */
  const judge = async (tokens: readonly number[], from: number): Promise<Likelihood> => {
    signal?.throwIfAborted();
    onProgress?.(done++, mostPasses);
    return unifiedVoice.likelihood({ tokens, voice }, codes.subarray(from));
  };
  const alone = await judge(first, 0);
  const whole = await judge(onwards, 0);
  const ended = (place: number): number => alone.ends[place] as number;
  const endOfFirst = (place: number): number => sum(alone.codes, 0, place) + ended(place);
  const places = Array.from({ length: codes.length - 2 * fewestCodes }, (_, i) => i + fewestCodes);
  const change = (place: number): number => endOfFirst(place) + sum(whole.codes, place);
  const chosen = new Set([...likeliest(places, change), ...likeliest(places, ended)]);
  const parts = new Map<number, number>();
  for (const place of chosen) {
    const others = await judge(rest, place);
    parts.set(place, endOfFirst(place) + sum(others.codes, 0) + (others.ends.at(-1) as number));
  }
  onProgress?.(mostPasses, mostPasses);
  const [best] = [...parts].reduce((a, b) => (b[1] > a[1] ? b : a));
  return best;
}

function sum(numbers: Float64Array, from: number, to = numbers.length): number {
  return numbers.subarray(from, to).reduce((a, b) => a + b, 0);
}

function likeliest(places: readonly number[], score: (place: number) => number): number[] {
  return places.toSorted((a, b) => score(b) - score(a)).slice(0, closelyLookedAt);
}

/** Of each code, in both ways to sound. */
const secondsPerCode = 1024 / 22_050;

/** The sound of some of the codes, without clicks where it is cut. */
export function soundOf({ samples, sampleRateHz }: Audio, codes: readonly CodeRange[]): Audio {
  const at = (code: number): number => Math.round(code * secondsPerCode * sampleRateHz);
  const parts = codes.map(([from, to]) => ({
    samples: samples.subarray(at(from), at(to)),
    sampleRateHz,
  }));
  return joinAudio(parts, { gapSeconds: 0 }).audio;
}
