/** How a code is drawn from the logits of a step; the defaults are TorToiSe's. */
export interface SamplingOptions {
  /** Codes that occurred already become less likely by this factor; default 2, 1 for none. */
  readonly repetitionPenalty?: number;
  /** Keep the codes whose surprise is nearest the expected one, up to this share of probability; default none. */
  readonly typicalMass?: number;
  /** Below 1 the likely codes become more likely; default 0.8. */
  readonly temperature?: number;
  /** Keep only so many of the likeliest codes; default 50, 0 for all. */
  readonly topK?: number;
  /** Keep the likeliest codes up to this share of probability; default 0.8, 1 for all. */
  readonly topP?: number;
}

/**
 * Logits as they are to be drawn from, after all of the options in TorToiSe's order. Removed codes are at -Infinity.
 *
 * @param logits Left as they are.
 * @param seen Codes that the repetition penalty holds for.
 */
export function processLogits(
  logits: Float32Array,
  seen: Iterable<number>,
  options: SamplingOptions = {},
): Float32Array {
  checkSampling(options);
  const { repetitionPenalty = 2, typicalMass, temperature = 0.8, topK = 50, topP = 0.8 } = options;
  const scores = logits.slice();
  if (repetitionPenalty !== 1) penaliseRepetition(scores, seen, repetitionPenalty);
  if (typicalMass !== undefined) keepTypical(scores, typicalMass);
  if (temperature !== 1)
    for (let i = 0; i < scores.length; i++) scores[i] = at(scores, i) / temperature;
  if (topK > 0) keepTopK(scores, topK);
  if (topP < 1) keepTopP(scores, topP);
  return scores;
}

/** Every option there is; the compiler sees to it that none is forgotten. */
const optionNames: { readonly [Name in keyof Required<SamplingOptions>]: true } = {
  repetitionPenalty: true,
  typicalMass: true,
  temperature: true,
  topK: true,
  topP: true,
};

/** @throws {RangeError} An option is unknown, or out of its range. */
export function checkSampling(options: SamplingOptions): void {
  if (typeof options !== "object")
    throw new RangeError(`sampling is ${JSON.stringify(options)}; give "greedy", or options`);
  for (const name of Object.keys(options))
    if (!Object.hasOwn(optionNames, name))
      throw new RangeError(
        `sampling: there is no option "${name}"; give one of ${Object.keys(optionNames).join(", ")}`,
      );
  const {
    repetitionPenalty = 2,
    typicalMass = 1,
    temperature = 0.8,
    topK = 50,
    topP = 0.8,
  } = options;
  const check = (name: string, value: number, valid: boolean, wanted: string): void => {
    if (!valid) throw new RangeError(`sampling: ${name} is ${value}; give ${wanted}`);
  };
  check(
    "repetitionPenalty",
    repetitionPenalty,
    repetitionPenalty > 0,
    "a number above 0, 1 for none",
  );
  check(
    "typicalMass",
    typicalMass,
    typicalMass > 0 && typicalMass <= 1,
    "a share above 0, at most 1",
  );
  check("temperature", temperature, temperature > 0, 'a number above 0, or sampling: "greedy"');
  check("topK", topK, Number.isInteger(topK) && topK >= 0, "a whole number, 0 for all codes");
  check("topP", topP, topP > 0 && topP <= 1, "a share above 0, at most 1");
}

/** Index of the largest element, the first of equals. */
export function largest(scores: Float32Array): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (at(scores, i) > at(scores, best)) best = i;
  return best;
}

/** One index drawn with the probabilities softmax(scores). @param uniform In [0, 1). */
export function draw(scores: Float32Array, uniform: number): number {
  const shares = softmax(scores);
  let left = uniform;
  for (let i = 0; i < shares.length; i++) {
    left -= shares[i] as number;
    if (left < 0) return i;
  }
  return largest(scores); // The shares' sum may be 1 less a rounding error.
}

/** Scores of codes that occurred move away from likely: divided where positive, multiplied where negative. */
function penaliseRepetition(scores: Float32Array, seen: Iterable<number>, penalty: number): void {
  for (const code of new Set(seen)) {
    const score = at(scores, code);
    scores[code] = score < 0 ? score * penalty : score / penalty;
  }
}

/** Removes all scores below the k-th largest; equals of that one stay. */
function keepTopK(scores: Float32Array, k: number): void {
  if (k >= scores.length) return;
  const threshold = kthLargest(scores, k);
  for (let i = 0; i < scores.length; i++) if (at(scores, i) < threshold) scores[i] = -Infinity;
}

/** Sorting thousands of scores to find a few would take longer than all else here. */
function kthLargest(scores: Float32Array, k: number): number {
  const largest = scores.slice(0, k).sort(); // Those seen so far, rising.
  for (let i = k; i < scores.length; i++) {
    const score = at(scores, i);
    if (!(score > at(largest, 0))) continue;
    let place = 1;
    for (; place < k && at(largest, place) < score; place++)
      largest[place - 1] = at(largest, place);
    largest[place - 1] = score;
  }
  return at(largest, 0);
}

/** Removes the least likely codes that together have at most 1 - p of the probability; never the likeliest. */
function keepTopP(scores: Float32Array, p: number): void {
  const shares = softmax(scores);
  const rising = kept(scores).sort((a, b) => at(scores, a) - at(scores, b));
  let sum = 0;
  for (const i of rising.slice(0, -1)) {
    sum += shares[i] as number;
    if (sum > 1 - p) return;
    scores[i] = -Infinity;
  }
}

/**
 * Removes codes that are far more or far less surprising than the distribution's entropy (Meister et al.,
 * "Locally typical sampling", 2022).
 */
function keepTypical(scores: Float32Array, mass: number): void {
  const shares = softmax(scores);
  const surprise = shares.map((share) => -Math.log(share));
  const codes = kept(scores);
  const entropy = codes.reduce(
    (sum, i) => sum + (shares[i] as number) * (surprise[i] as number),
    0,
  );
  const distance = surprise.map((x) => Math.abs(x - entropy));
  const nearestFirst = codes.sort((a, b) => (distance[a] as number) - (distance[b] as number));
  let sum = 0;
  const reached = nearestFirst.findIndex((i) => {
    sum += shares[i] as number;
    return sum >= mass;
  });
  const limit = distance[nearestFirst.at(reached) as number] as number; // At -1, not reached: the farthest.
  for (const i of codes) if ((distance[i] as number) > limit) scores[i] = -Infinity;
}

/** In double precision: thousands of small shares are summed. */
function softmax(scores: Float32Array): Float64Array {
  const top = at(scores, largest(scores));
  const shares = new Float64Array(scores.length);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    if (at(scores, i) === -Infinity) continue; // Most were removed: their share is 0.
    const share = Math.exp(at(scores, i) - top);
    shares[i] = share;
    sum += share;
  }
  for (let i = 0; i < shares.length; i++) shares[i] = (shares[i] as number) / sum;
  return shares;
}

/** Indices of the scores that were not removed. */
function kept(scores: Float32Array): number[] {
  const indices: number[] = [];
  for (let i = 0; i < scores.length; i++) if (at(scores, i) > -Infinity) indices.push(i);
  return indices;
}

function at(scores: Float32Array, i: number): number {
  return scores[i] as number;
}
