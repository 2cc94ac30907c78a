import type { Cleaners } from "./cleaners.js";

/** Ends a text. */
export const STOP = "[STOP]";
/** Stands for a character that the vocabulary does not have. */
export const UNKNOWN = "[UNK]";
/** Stands for a space: pieces are cut at white space, so no other token has one. */
export const SPACE = "[SPACE]";
/** The tokens that every vocabulary of TorToiSe begins with, as ids 0, 1 and 2. */
export const SPECIAL_TOKENS = [STOP, UNKNOWN, SPACE] as const;

/** A token that is found in the text as it stands, before any merging. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

/** What a tokenizer knows: its tokens and the rules that build them. */
export interface Vocabulary {
  /** Every token with its id, added tokens among them. */
  readonly tokens: ReadonlyMap<string, number>;
  /** Pairs of tokens that become one, the first to apply first. */
  readonly merges: readonly (readonly [left: string, right: string])[];
  readonly addedTokens: readonly AddedToken[];
  /** Whether neighbouring unknown characters give one [UNK] together. TorToiSe: false. */
  readonly fuseUnknown: boolean;
  /** How texts are prepared. */
  readonly cleaners: Cleaners;
}
