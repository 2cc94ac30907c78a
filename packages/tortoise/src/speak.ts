import type { Audio, Mel } from "@hawksbill/audio";
import { type Device, Random } from "@hawksbill/core";
import { Dvae, framesPerCode } from "@hawksbill/dvae";
import {
  type Generated,
  type GenerateProgress,
  type SamplingOptions,
  UnifiedVoice,
} from "@hawksbill/unified-voice";
import { griffinLim } from "@hawksbill/vocoder";
import type { Model } from "./model.js";
import type { TortoiseSpeakOptions } from "./pipeline/speak-options.js";
import { Tortoise, type TortoiseSpeech } from "./pipeline/tortoise.js";
import { speakableTokens } from "./speakable-tokens.js";
import { conditioningWindow } from "./voice.js";
import { withoutPadding } from "./without-padding.js";

export interface SpeakOptions {
  readonly model: Model;
  readonly text: string;
  /** Mels of the voice's clips (`arMel` of @hawksbill/audio); the voice is their mean. */
  readonly voice: readonly Mel[];
  readonly device: Device;
  /** The same seed gives the same speech on the same device; default 0. */
  readonly seed?: number;
  /** Default the model's own. */
  readonly sampling?: SamplingOptions | "greedy";
  /** Codes to stop after if the model does not end the sentence; default all it can. */
  readonly maxCodes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: GenerateProgress) => void;
}

export interface Speech {
  /** Mono, 22,050 Hz. */
  readonly audio: Audio;
  /** What the dVAE made of the codes (of all but the last, if the model ended the sentence), [bands=80, frames]. */
  readonly mel: Mel;
  readonly codes: Int32Array;
  /** Whether the model ended the sentence itself. */
  readonly stopped: boolean;
}

/**
 * Says a text in a voice: text and voice to codes (UnifiedVoice), to a mel (dVAE), to sound (Griffin-Lim).
 *
 * @throws {TextError} There is nothing to say, or characters that the tokenizer does not know.
 * @throws {UnifiedVoiceError} The text is too long for the model, or there is no clip of the voice.
 */
export function speak(options: SpeakOptions): Promise<Speech>;
/** Says a text with TorToiSe's own pipeline: see `Tortoise.speak`. Who speaks more than once keeps a `Tortoise`. */
export function speak(options: TortoiseSpeakOptions): Promise<TortoiseSpeech>;
export function speak(
  options: SpeakOptions | TortoiseSpeakOptions,
): Promise<Speech | TortoiseSpeech> {
  return withTortoise(options) ? speakOnce(options) : speakSmall(options);
}

/** Whether a model is TorToiSe's own, of whatever size, rather than one that speaks through its dVAE. */
function withTortoise(
  options: SpeakOptions | TortoiseSpeakOptions,
): options is TortoiseSpeakOptions {
  return "kind" in options.model;
}

async function speakOnce({
  model,
  device,
  ...request
}: TortoiseSpeakOptions): Promise<TortoiseSpeech> {
  const tortoise = Tortoise.create(model, device, { keepParts: false });
  try {
    return await tortoise.speak(request);
  } finally {
    await tortoise.dispose();
  }
}

async function speakSmall(options: SpeakOptions): Promise<Speech> {
  const { model, text, device, seed = 0, sampling = model.settings.sampling, maxCodes } = options;
  const tokens = speakableTokens(model.tokenizer, text);
  const unifiedVoice = UnifiedVoice.create(model.unifiedVoice, device);
  const dvae = Dvae.create(model.dvae, device);
  try {
    const voice = await unifiedVoice.conditioning(
      options.voice.map((mel) => conditioningWindow(mel)),
    );
    const [generated] = await unifiedVoice.generate([{ tokens, voice }], {
      random: new Random(seed),
      ...(sampling === undefined ? {} : { sampling }),
      ...(maxCodes === undefined ? {} : { maxCodes }),
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    const { codes, stopped } = generated as Generated;
    const decoded = await dvae.decode(codes);
    const mel = stopped ? withoutPadding(decoded, framesPerCode(dvae.config)) : decoded;
    return { audio: griffinLim(mel, { seed }), mel, codes, stopped };
  } finally {
    await unifiedVoice.dispose();
    await dvae.dispose();
  }
}
