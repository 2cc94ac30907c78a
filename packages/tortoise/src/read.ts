import { TextError } from "@hawksbill/text";
import type { TortoiseSpeakOptions } from "./pipeline/speak-options.js";
import { Tortoise, type TortoiseSpeech } from "./pipeline/tortoise.js";
import { type SpeakOptions, type Speech, speak } from "./speak.js";
import { type SplitOptions, splitText } from "./split-text.js";

export interface ReadOptions {
  /** How the text is cut; see `splitText`. */
  readonly split?: SplitOptions;
  /** Which pieces to speak, counted from 0, e.g. to do them again with another seed; default all. */
  readonly only?: readonly number[];
  /** How often to try again, with the next seed, where the model does not end a piece by itself; default 1. */
  readonly retries?: number;
}

/** A piece of a long text, spoken. */
export interface SpokenPiece<S extends Speech | TortoiseSpeech> {
  readonly index: number;
  /** How many pieces the text has. */
  readonly count: number;
  readonly text: string;
  readonly speech: S;
  /** What it was spoken with: the one given, or one of those after it if it was tried again. */
  readonly seed: number;
}

/**
 * Reads a text of any length: cuts it into pieces and gives each as soon as it is spoken, all in one voice and from
 * one seed. `joinAudio` makes one waveform of them.
 *
 * @throws {TextError} There is nothing to say in the whole text, or characters that the tokenizer does not know.
 * @throws {RangeError} An option is out of its range.
 */
export function read(options: SpeakOptions & ReadOptions): AsyncGenerator<SpokenPiece<Speech>>;
export function read(
  options: TortoiseSpeakOptions & ReadOptions,
): AsyncGenerator<SpokenPiece<TortoiseSpeech>>;
export async function* read(
  options: (SpeakOptions | TortoiseSpeakOptions) & ReadOptions,
): AsyncGenerator<SpokenPiece<Speech | TortoiseSpeech>> {
  const { split, only, retries = 1, ...rest } = options;
  const pieces = splitText(rest.text, split);
  const indices = chosen(pieces, only);
  if (!Number.isInteger(retries) || retries < 0)
    throw new RangeError(`read: retries is ${retries}; give a whole number, 0 for none`);
  const speaker = await openSpeaker(rest);
  try {
    for (const index of indices) {
      const text = pieces[index] as string;
      yield { index, count: pieces.length, text, ...(await untilStopped(speaker, text, retries)) };
    }
  } finally {
    await speaker.dispose();
  }
}

function chosen(pieces: readonly string[], only: readonly number[] | undefined): readonly number[] {
  if (pieces.length === 0)
    throw new TextError("read: there is nothing to say in the text; give one with words");
  const stranger = only?.find((index) => pieces[index] === undefined);
  if (stranger !== undefined)
    throw new RangeError(
      `read: there is no piece ${stranger}; the text has ${pieces.length}, counted from 0`,
    );
  return only ?? pieces.map((_, index) => index);
}

/** A model that is ready to say one piece after another in one voice. */
interface Speaker {
  readonly seed: number;
  say(text: string, seed: number): Promise<Speech | TortoiseSpeech>;
  dispose(): Promise<void>;
}

async function openSpeaker(options: SpeakOptions | TortoiseSpeakOptions): Promise<Speaker> {
  const { seed = 0 } = options;
  if (!("kind" in options.model)) {
    const small = options as SpeakOptions;
    return {
      seed,
      say: (text, seed) => speak({ ...small, text, seed }),
      dispose: async () => {},
    };
  }
  const { model, device, ...request } = options as TortoiseSpeakOptions;
  const tortoise = Tortoise.create(model, device);
  let { voice } = request;
  return {
    seed,
    say: async (text, seed) => {
      const speech = await tortoise.speak({ ...request, text, seed, voice });
      ({ voice } = speech); // All pieces have the voice of the first, so that it does not wander.
      return speech;
    },
    dispose: () => tortoise.dispose(),
  };
}

async function untilStopped(
  { seed, say }: Speaker,
  text: string,
  retries: number,
): Promise<{ speech: Speech | TortoiseSpeech; seed: number }> {
  let attempt = 0;
  let speech = await say(text, seed);
  while (!speech.stopped && attempt < retries) speech = await say(text, seed + ++attempt);
  return { speech, seed: seed + attempt };
}
