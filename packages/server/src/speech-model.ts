import type { Audio } from "@hawksbill/audio";

/** What a model is asked to say. */
export interface SpeechRequest {
  readonly text: string;
  /** One of the model's voices. */
  readonly voice: string;
  /** The same seed gives the same speech; where there is none, the model's usual one. */
  readonly seed?: number;
}

/** A model as the server needs it: any code that makes sound of text. */
export interface SpeechModel {
  /** How clients name it. */
  readonly id: string;
  /** The names of its voices, at least one. */
  readonly voices: readonly string[];
  /**
   * Says a text, piece after piece, all at one sample rate.
   *
   * @param signal Aborted when nobody listens any more: speaking ends, with whatever error.
   * @throws {SpeechRefused} It cannot be said.
   */
  speak(request: SpeechRequest, signal: AbortSignal): AsyncIterable<Audio>;
}

/** A text or voice that a model does not take. Clients get the message, with status 400. */
export class SpeechRefused extends Error {
  override readonly name = "SpeechRefused";
}

/**
 * Speech in which errors of these names are `SpeechRefused`: they are of what was asked, not of the server.
 *
 * @param names Of the errors that a model throws of texts and voices, e.g. `["TextError"]`.
 */
export async function* refusing(
  speech: AsyncIterable<Audio>,
  names: readonly string[],
): AsyncGenerator<Audio> {
  try {
    yield* speech;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name))
      throw new SpeechRefused(error.message, { cause: error });
    throw error;
  }
}
