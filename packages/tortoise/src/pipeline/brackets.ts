import type { Audio } from "@hawksbill/audio";
import type { Tensor, Weights } from "@hawksbill/core";
import type { UnifiedVoice } from "@hawksbill/unified-voice";
import { joinAudio } from "../join-audio.js";
import { TortoiseError } from "../tortoise-error.js";

/** A text with words in brackets before it, which are spoken and not heard: "[I am so sad,] please close the door." */
export interface Bracketed {
  /** Both parts, without brackets. */
  readonly spoken: string;
  readonly hidden: string;
  readonly heard: string;
}

/** The parts of a text that begins with words in brackets; undefined of others. */
export function bracketed(text: string): Bracketed | undefined {
  const [, hidden = "", heard = ""] = /^\s*\[([^[\]]+)\]([^[\]]*)$/.exec(text) ?? [];
  const parts = { hidden: hidden.trim(), heard: heard.trim() };
  if (!parts.hidden || !parts.heard) return undefined;
  return { spoken: `${parts.hidden} ${parts.heard}`, ...parts };
}

interface Spoken {
  readonly unifiedVoice: Pick<UnifiedVoice, "latents" | "config">;
  /** UnifiedVoice's, for its head. */
  readonly weights: Weights;
  /** A text as the model reads it. */
  readonly read: (text: string) => ArrayLike<number>;
  readonly voice: Float32Array;
  readonly codes: Int32Array;
}

/** Fewer codes than the shortest word has. */
const fewestCodes = 3;

/** Places that are looked at closely, by each of two measures. */
const closelyLookedAt = 8;

/**
 * How many codes say the hidden words: where the codes are likeliest as two speeches, of the hidden words and of those to be
 * heard. Places are first chosen by what is cheaper to say: where the hidden words alone would end, and where both parts are
 * likely, the second as the whole text's.
 *
 * `tools/measure-brackets.ts` measures how often that is right.
 */
export async function hiddenCodes(
  { spoken, hidden, heard }: Bracketed,
  { unifiedVoice, weights, read, voice, codes: all }: Spoken,
): Promise<number> {
  const { stopMelToken, modelDim, maxMelTokens } = unifiedVoice.config;
  const codes = all.subarray(0, maxMelTokens - 1); // The end behind them takes a place, too.
  if (codes.length < 2 * fewestCodes + 1)
    throw new TortoiseError(
      `speak: the words in brackets cannot be cut out of ${codes.length} codes; try another seed`,
    );
  const head = await headOf(weights, modelDim);
  /** Log probabilities of codes from a place on, and of the end behind each of them. */
  const judge = async (text: string, from: number): Promise<Judged> => {
    const said = codes.subarray(from);
    const states = await unifiedVoice.latents({ tokens: read(text), voice }, [...said, 0]);
    return judged(states, { head, codes: said, stop: stopMelToken });
  };
  const alone = await judge(/[.!?]$/.test(hidden) ? hidden : `${hidden.replace(/[,;:]$/, "")}.`, 0);
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
  const [best] = [...parts].reduce((a, b) => (b[1] > a[1] ? b : a));
  return best;
}

interface Judged {
  /** [codes] */
  readonly codes: Float64Array;
  /** [codes + 1] */
  readonly ends: Float64Array;
}

interface Head {
  /** [melCodes, modelDim] */
  readonly weight: Float32Array;
  /** [melCodes] */
  readonly bias: Float32Array;
}

async function headOf(weights: Weights, modelDim: number): Promise<Head> {
  const data = async (name: string): Promise<Float32Array> =>
    (await (weights[name] as Tensor).data()) as Float32Array;
  const head = { weight: await data("mel_head.weight"), bias: await data("mel_head.bias") };
  if (head.weight.length === head.bias.length * modelDim) return head;
  throw new TortoiseError("speak: the model's mel_head is not of its width; give whole weights");
}

function judged(
  states: Float32Array,
  { head: { weight, bias }, codes, stop }: { head: Head; codes: Int32Array; stop: number },
): Judged {
  const width = weight.length / bias.length;
  const ends = new Float64Array(codes.length + 1);
  const likely = new Float64Array(codes.length);
  for (let i = 0; i <= codes.length; i++) {
    const logits = Float64Array.from(bias);
    for (let code = 0; code < bias.length; code++)
      for (let d = 0; d < width; d++)
        (logits[code] as number) +=
          (weight[code * width + d] as number) * (states[i * width + d] as number);
    const top = logits.reduce((a, b) => Math.max(a, b));
    const all = top + Math.log(logits.reduce((total, x) => total + Math.exp(x - top), 0));
    ends[i] = (logits[stop] as number) - all;
    if (i < codes.length) likely[i] = (logits[codes[i] as number] as number) - all;
  }
  return { codes: likely, ends };
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
