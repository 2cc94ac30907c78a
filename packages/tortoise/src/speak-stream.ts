import type { Audio } from "@hawksbill/audio";
import { joinAudio } from "./join-audio.js";
import { fadedEnds } from "./pipeline/stream-fade.js";
import { isLive } from "./pipeline/stream-hifigan.js";
import { prepareReading, type ReadOptions, read } from "./read.js";
import type { Speech, StreamedSpeech } from "./speaker.js";

/** What to say, and how: as `read` takes it. */
export interface SpeakStreamOptions extends ReadOptions<Speech> {
  /** Silence between pieces of the text; default 0.1. */
  readonly gapSeconds?: number;
  /** Called behind the last chunk of each piece. */
  readonly onPiece?: (piece: StreamedPiece) => void;
}

/** What the chunks since the piece before were of. */
export interface StreamedPiece extends StreamedSpeech {
  readonly index: number;
  /** How many pieces the text has. */
  readonly count: number;
  readonly text: string;
  /** When it begins and ends in the whole; the silence between pieces is of none. */
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/**
 * Says a text of any length in chunks of sound that follow one another: joined, they are what `joinAudio` makes of the
 * pieces of `read`. Nothing is computed before it is asked for, and nothing more when nobody asks any more.
 *
 * With `decoder: "hifigan"` and one candidate the first chunk comes after some 22 codes, a second of speech, and each
 * further one after 15. All else is known at the end of a piece only, and is one chunk for each: CLVP has to hear
 * candidates to their end, and diffusion and Griffin-Lim look at all of a sound. Shorter pieces (`split`) come sooner.
 *
 * @throws {TextError} There is nothing to say in the whole text, or characters that the tokenizer does not know: before
 *   the first sound, wherever they stand.
 * @throws {TortoiseError} A piece is too long for the model, or the voice does not fit.
 * @throws {RangeError} An option is out of its range, or `retries` are asked for where sound cannot be taken back.
 */
export async function* speakStream(options: SpeakStreamOptions): AsyncGenerator<Audio> {
  const { gapSeconds = 0.1, onPiece, ...reading } = options;
  if (!(gapSeconds >= 0 && gapSeconds < Infinity))
    throw new RangeError(`speakStream: gapSeconds is ${gapSeconds}; give 0 or more`);
  const { sampleRateHz } = reading.speaker;
  const gapSamples = Math.round(gapSeconds * sampleRateHz);
  let given = 0; // Samples.
  const seconds = (): number => given / sampleRateHz;
  for await (const { parts, ...piece } of isLive(reading)
    ? livePieces(reading)
    : wholePieces(reading)) {
    if (given > 0 && gapSamples > 0) {
      given += gapSamples;
      yield { samples: new Float32Array(gapSamples), sampleRateHz };
    }
    const startSeconds = seconds();
    for await (const part of parts) {
      if ("samples" in part) {
        given += part.samples.length;
        yield part;
      } else onPiece?.({ ...piece, ...part, startSeconds, endSeconds: seconds() });
    }
  }
}

/** A piece of the text: chunks of its sound, then what was said. */
interface PieceInParts extends Pick<StreamedPiece, "index" | "count" | "text"> {
  readonly parts: AsyncIterable<Audio | StreamedSpeech> | Iterable<Audio | StreamedSpeech>;
}

/** Pieces that give their sound while they are spoken. */
async function* livePieces(options: ReadOptions<Speech>): AsyncGenerator<PieceInParts> {
  const { speaker, split: _, only: __, conditioning: ___, retries = 0, ...request } = options;
  if (retries !== 0)
    throw new RangeError(
      `speakStream: retries is ${retries}, but this sound is heard before it is known whether a piece ends; leave it out`,
    );
  const { pieces, indices, voice } = await prepareReading(options);
  for (const index of indices) {
    const text = pieces[index] as string;
    const parts = fadedEnds(speaker.stream({ ...request, voice, text }));
    yield { index, count: pieces.length, text, parts };
  }
}

/** Pieces that give their sound at their end. */
async function* wholePieces(options: ReadOptions<Speech>): AsyncGenerator<PieceInParts> {
  for await (const { speech, ...piece } of read(options)) {
    const { codes, stopped, voice, plan, audio } = speech;
    const faded = joinAudio([audio]).audio;
    yield { ...piece, parts: [faded, { codes, stopped, voice, plan }] };
  }
}

/**
 * Any stream as the web's kind, e.g. for a `Response`. It asks for the next item when its reader does, and ends the work
 * when its reader cancels.
 */
export function readableStream<T>(items: AsyncIterable<T>): ReadableStream<T> {
  const iterator = items[Symbol.asyncIterator]();
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
