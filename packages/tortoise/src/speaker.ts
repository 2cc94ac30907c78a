import type { Audio } from "@hawksbill/audio";
import type { Device } from "@hawksbill/core";
import type { DecoderOptions, SamplingOptions } from "@hawksbill/unified-voice";
import { DvaeSpeaker } from "./dvae-speaker.js";
import type { Model } from "./model.js";
import type { Stage } from "./pipeline/job.js";
import type { SpeechRequest } from "./pipeline/speak-options.js";
import { Tortoise } from "./pipeline/tortoise.js";
import type { TortoiseModel } from "./pipeline/tortoise-model.js";
import type { VoiceOptions } from "./pipeline/voice.js";
import type { VoiceLatents } from "./voices/voice-latents.js";

/** Whom to sound like: clips, at best 3 or more of 6 to 10 s; latents; or a voice made up from the seed. */
export type SpeakerVoice = readonly Audio[] | VoiceLatents | "random";

/** A model on a device, ready to speak again and again, whichever of the two kinds it is. */
export interface Speaker<S extends Speech = Speech> {
  /** "tortoise" has presets, candidates and diffusion; "dvae" speaks through its dVAE and refuses such options. */
  readonly kind: "dvae" | "tortoise";
  /** Of all its speech. */
  readonly sampleRateHz: number;

  /**
   * A voice's latents, to speak with again and again, or to keep in a file (`encodeVoice`).
   *
   * @throws {TortoiseError} There is no clip, or one is too short or silent; latents are not this model's; or it has
   *   no random voices.
   * @throws {AudioError} A clip holds what is no number.
   * @throws {RangeError} An option is unknown to this kind of model, or of clips where there are none.
   */
  voice(voice: SpeakerVoice, options?: VoiceOptions): Promise<VoiceLatents>;

  /**
   * Tells whether `speak` would take a text, without speaking it.
   *
   * @throws {TextError} There is nothing to say, or characters that the tokenizer does not know.
   * @throws {TortoiseError} The text is too long.
   */
  check(request: Pick<SpeechRequest, "text" | "unknown">): Promise<void>;

  /**
   * Says a text in a voice. Several at once take turns, step by step.
   *
   * @throws {TextError} There is nothing to say, or characters that the tokenizer does not know.
   * @throws {TortoiseError} The text is too long, the voice does not fit, or the model lacks a part that is needed.
   * @throws {RangeError} An option is unknown to this kind of model, or out of its range.
   */
  speak(request: SpeechRequest): Promise<S>;

  /**
   * The same for `speakStream`: chunks of sound that follow one another, then what was said. The decoder "hifigan"
   * makes sound of one candidate while codes still come.
   */
  stream(request: SpeechRequest): AsyncGenerator<Audio | StreamedSpeech>;

  /** Frees what is on the device, and closes the model if `openSpeaker` opened it. */
  dispose(): Promise<void>;
}

/** A text, spoken, and what the speech was made with. */
export interface Speech {
  /** Mono. */
  readonly audio: Audio;
  /** What UnifiedVoice said. */
  readonly codes: Int32Array;
  /** Whether the model ended the text itself. */
  readonly stopped: boolean;
  readonly voice: VoiceLatents;
  /** What was asked for, with everything decided that was left open: the same again gives the same speech. */
  readonly plan: {
    readonly seed: number;
    readonly sampling: SamplingOptions | "greedy";
    readonly maxCodes: number;
  };
  /** Seconds that each stage took. */
  readonly seconds: Readonly<Partial<Record<Stage, number>>>;
}

/** A speech without its sound, which was given in chunks. */
export type StreamedSpeech = Pick<Speech, "codes" | "stopped" | "voice" | "plan">;

/**
 * What speaks with a model, of either kind.
 *
 * @param model It stays the caller's, and is needed until `dispose`.
 * @param options.weights "int8" and "int4" draw codes with weights in 8 and 4 bits, see `DecoderOptions`; CLVP and the
 *   diffusion then have theirs in 8.
 */
export function createSpeaker(
  model: Model | TortoiseModel,
  device: Device,
  options: DecoderOptions = {},
): Speaker {
  return "kind" in model
    ? Tortoise.create(model, device, options)
    : DvaeSpeaker.create(model, device, options);
}
