import { Random } from "@hawksbill/core";
import { TextError } from "@hawksbill/text";
import type { SpeechRequest } from "./pipeline/speak-options.js";
import { flawOf, type SpeechFlaw, speakFlawlessly } from "./read-flaws.js";
import type { Speaker, Speech } from "./speaker.js";
import { type SplitOptions, splitText } from "./split-text.js";
import type { VoiceLatents } from "./voices/voice-latents.js";

/** What to read, and how: as `Speaker.speak` takes it. */
export interface ReadOptions<S extends Speech> extends SpeechRequest {
  readonly speaker: Speaker<S>;
  /** How the text is cut; see `splitText`. */
  readonly split?: SplitOptions;
  /** Which pieces to speak, counted from 0, e.g. to do them again with another seed; default all. */
  readonly only?: readonly number[];
  /** How often to try again, with the next seed, where a piece has a flaw; default 1. */
  readonly retries?: number;
}

/** A piece of a long text, spoken. */
export interface SpokenPiece<S extends Speech = Speech> {
  readonly index: number;
  /** How many pieces the text has. */
  readonly count: number;
  readonly text: string;
  /** Its plan has the seed: the one given, or one of those after it if it was tried again. */
  readonly speech: S;
  /** What is still wrong with it, if anything is. */
  readonly flaw?: SpeechFlaw;
}

/**
 * Reads a text of any length: cuts it into pieces and gives each as soon as it is spoken, all in one voice and from
 * one seed. `joinAudio` makes one waveform of them.
 *
 * @throws {TextError} There is nothing to say in the whole text, or characters that the tokenizer does not know: before
 *   the first piece is spoken, wherever they stand.
 * @throws {TortoiseError} A piece is too long for the model, or the voice does not fit.
 * @throws {RangeError} An option is out of its range.
 */
export async function* read<S extends Speech>(
  options: ReadOptions<S>,
): AsyncGenerator<SpokenPiece<S>> {
  const { speaker, split: _, only: __, conditioning: ___, retries, ...request } = options;
  const { pieces, indices, voice } = await prepareReading(options);
  for (const index of indices) {
    const text = pieces[index] as string;
    const speech = await speakFlawlessly(speaker, { ...request, voice, text }, retries);
    const flaw = flawOf(speech, text);
    yield { index, count: pieces.length, text, speech, ...(flaw ? { flaw } : {}) };
  }
}

/** All pieces of a text, the indices of those to be spoken, which can be, and the voice of all of them. */
export async function prepareReading({
  speaker,
  split,
  only,
  ...request
}: ReadOptions<Speech>): Promise<{
  readonly pieces: readonly string[];
  readonly indices: readonly number[];
  readonly voice: VoiceLatents;
}> {
  const pieces = splitText(request.text, split);
  const indices = chosen(pieces, only);
  const { unknown } = request;
  for (const index of indices)
    await speaker.check({ text: pieces[index] as string, ...(unknown ? { unknown } : {}) });
  // Once, so that the voice does not wander from piece to piece.
  const voice = await speaker.voice(request.voice, {
    ...request.conditioning,
    random: new Random(request.seed ?? 0).fork("voice"),
    ...(request.signal ? { signal: request.signal } : {}),
  });
  return { pieces, indices, voice };
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
