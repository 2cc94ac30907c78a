import type { Device } from "@hawksbill/core";
import { type DvaeRequest, DvaeSpeaker, type DvaeSpeech } from "./dvae-speaker.js";
import type { Model } from "./model.js";
import type { TortoiseSpeakOptions } from "./pipeline/speak-options.js";
import { Tortoise, type TortoiseSpeech } from "./pipeline/tortoise.js";

/** What to say with a model that speaks through its dVAE. */
export interface SpeakOptions extends DvaeRequest {
  readonly model: Model;
  readonly device: Device;
}

/**
 * Says a text in a voice once; who speaks more than once keeps a `Speaker` (`createSpeaker`), and finds there what this
 * throws.
 */
export function speak(options: SpeakOptions): Promise<DvaeSpeech>;
export function speak(options: TortoiseSpeakOptions): Promise<TortoiseSpeech>;
export async function speak(
  options: SpeakOptions | TortoiseSpeakOptions,
): Promise<DvaeSpeech | TortoiseSpeech> {
  const speaker = withTortoise(options)
    ? Tortoise.create(options.model, options.device, { keepParts: false })
    : DvaeSpeaker.create(options.model, options.device);
  const { model: _, device: __, ...request } = options;
  try {
    return await speaker.speak(request as TortoiseSpeakOptions);
  } finally {
    await speaker.dispose();
  }
}

/** Whether a model is TorToiSe's own, of whatever size, rather than one that speaks through its dVAE. */
function withTortoise(
  options: SpeakOptions | TortoiseSpeakOptions,
): options is TortoiseSpeakOptions {
  return "kind" in options.model;
}
