/** One rule of byte-pair encoding: two neighbouring tokens become one. */
export interface Merge {
  /** Lower ranks are merged first. */
  readonly rank: number;
  readonly token: number;
}

/** Merges by their pair of tokens, see {@link pairKey}. */
export type Merges = ReadonlyMap<number, Merge>;

/** Token ids stay below this, so that a pair of them fits an exact number. The largest vocabularies have 256k. */
export const MAX_TOKENS = 2 ** 20;

/** A pair of tokens as one number that sorts by the left token, then by the right one. */
export function pairKey(left: number, right: number): number {
  return left * MAX_TOKENS + right;
}

/**
 * Merges a piece's tokens until no rule applies: always the rule of the lowest rank, leftmost first.
 *
 * Takes time quadratic in the piece's length, which for words is nothing.
 */
export function applyMerges(characters: readonly number[], merges: Merges): number[] {
  const tokens = [...characters];
  const mergeAt = (i: number) => merges.get(pairKey(tokens[i] ?? 0, tokens[i + 1] ?? 0));
  const ranks = tokens.slice(1).map((_, i) => mergeAt(i)?.rank ?? Infinity);
  while (true) {
    const i = indexOfSmallest(ranks);
    const merge = ranks[i] === Infinity ? undefined : mergeAt(i);
    if (merge === undefined) return tokens;
    tokens.splice(i, 2, merge.token);
    ranks.splice(i, 1);
    if (i > 0) ranks[i - 1] = mergeAt(i - 1)?.rank ?? Infinity;
    if (i < ranks.length) ranks[i] = mergeAt(i)?.rank ?? Infinity;
  }
}

function indexOfSmallest(values: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] ?? 0) < (values[best] ?? 0)) best = i;
  }
  return best;
}
