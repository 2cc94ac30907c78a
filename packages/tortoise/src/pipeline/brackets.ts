import type { Audio } from "@hawksbill/audio";
import type { Likelihood, UnifiedVoice } from "@hawksbill/unified-voice";
import { joinAudio } from "../join-audio.js";

/** A text with words in brackets before it, which are spoken and not heard: "[I am so sad,] please close the door." */
export interface Bracketed {
  /** Both parts, without brackets. */
  readonly spoken: string;
  readonly hidden: string;
  readonly heard: string;
}

/** The parts of a text that begins with words in brackets; undefined of others, e.g. of those that begin with "[...]". */
export function bracketed(text: string): Bracketed | undefined {
  const [, hidden = "", heard = ""] = /^\s*\[([^[\]]+)\]([^[\]]*)$/.exec(text) ?? [];
  if (![hidden, heard].every((words) => /[\p{L}\p{N}]/u.test(words))) return undefined;
  const parts = { hidden: hidden.trim(), heard: heard.trim() };
  return { spoken: `${parts.hidden} ${parts.heard}`, ...parts };
}

/** The same as the model reads it. */
export interface BracketedTokens {
  readonly spoken: readonly number[];
  /** As a sentence of its own. */
  readonly hidden: readonly number[];
  readonly heard: readonly number[];
}

/** @param read What it throws is thrown here, before anything is spoken. */
export function readBracketed(
  { spoken, hidden, heard }: Bracketed,
  read: (text: string) => readonly number[],
): BracketedTokens {
  const sentence = /[.!?]$/.test(hidden) ? hidden : `${hidden.replace(/[,;:]$/, "")}.`;
  return { spoken: read(spoken), hidden: read(sentence), heard: read(heard) };
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

/** Through the model: of the hidden words, of all, and of the rest from each place on that is looked at closely. */
const mostPasses = 2 + 2 * closelyLookedAt;

/**
 * How many codes say the hidden words: where the codes are likeliest as two speeches, of the hidden words and of those to be
 * heard. Places are first chosen by what is cheaper to say: where the hidden words alone would end, and where both parts are
 * likely, the second as the whole text's. All codes where there are too few for words of both parts.
 *
 * `tools/measure-brackets.ts` measures how often that is right.
 */
export async function hiddenCodes(
  { spoken, hidden, heard }: BracketedTokens,
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
  const alone = await judge(hidden, 0);
  const whole = await judge(spoken, 0);
  const ended = (place: number): number => alone.ends[place] as number;
  const first = (place: number): number => sum(alone.codes, 0, place) + ended(place);
  const places = Array.from({ length: codes.length - 2 * fewestCodes }, (_, i) => i + fewestCodes);
  const change = (place: number): number => first(place) + sum(whole.codes, place);
  const chosen = new Set([...likeliest(places, change), ...likeliest(places, ended)]);
  const parts = new Map<number, number>();
  for (const place of chosen) {
    const rest = await judge(heard, place);
    parts.set(place, first(place) + sum(rest.codes, 0) + (rest.ends.at(-1) as number));
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

/** Sound from a code on, without a click where it begins. */
export function soundFrom({ samples, sampleRateHz }: Audio, code: number): Audio {
  const start = Math.round(code * secondsPerCode * sampleRateHz);
  return joinAudio([{ samples: samples.subarray(start), sampleRateHz }]).audio;
}
