import { type Audio, arMel, type Mel, resample } from "@hawksbill/audio";
import type { Device } from "@hawksbill/core";
import { Dvae, framesPerCode } from "@hawksbill/dvae";
import { type DecoderOptions, type Generated, UnifiedVoice } from "@hawksbill/unified-voice";
import { griffinLim } from "@hawksbill/vocoder";
import type { Model } from "./model.js";
import { bracketed, hiddenCodes, soundFrom } from "./pipeline/brackets.js";
import { Job } from "./pipeline/job.js";
import type { SpeechRequest } from "./pipeline/speak-options.js";
import { speakableTokens } from "./speakable-tokens.js";
import type { Speaker, SpeakerVoice, Speech, StreamedSpeech } from "./speaker.js";
import { TortoiseError } from "./tortoise-error.js";
import { conditioningWindow } from "./voice.js";
import { checkClips } from "./voices/conditioning-mels.js";
import type { VoiceLatents } from "./voices/voice-latents.js";
import { withoutPadding } from "./without-padding.js";

/** What can be asked of a model that speaks through its dVAE. */
export interface DvaeRequest
  extends Pick<
    SpeechRequest,
    "text" | "seed" | "sampling" | "maxCodes" | "unknown" | "signal" | "onProgress" | "now"
  > {
  /** Clips may be mels already (`arMel` of @hawksbill/audio). */
  readonly voice: SpeakerVoice | readonly Mel[];
}

/** The speech of a model that speaks through its dVAE, 22,050 Hz. */
export interface DvaeSpeech extends Speech {
  /** What the dVAE made of the codes (of all but the last, if the model ended the text), [bands=80, frames]. */
  readonly mel: Mel;
}

const sampleRateHz = 22_050;

/** A `Model` on a device: text and voice to codes (UnifiedVoice), to a mel (dVAE), to sound (Griffin-Lim). */
export class DvaeSpeaker implements Speaker<DvaeSpeech> {
  readonly kind = "dvae";
  readonly sampleRateHz = sampleRateHz;
  readonly model: Model;
  readonly #unifiedVoice: UnifiedVoice;
  readonly #dvae: Dvae;

  private constructor(model: Model, device: Device, options: DecoderOptions) {
    this.model = model;
    this.#unifiedVoice = UnifiedVoice.create(model.unifiedVoice, device, options);
    this.#dvae = Dvae.create(model.dvae, device);
  }

  /** @param model It stays the caller's, and is needed until `dispose`. */
  static create(model: Model, device: Device, options: DecoderOptions = {}): DvaeSpeaker {
    return new DvaeSpeaker(model, device, options);
  }

  async voice(voice: DvaeRequest["voice"]): Promise<VoiceLatents> {
    if (voice === "random")
      throw new TortoiseError("voice: this model has no random voices; give clips or latents");
    if (!Array.isArray(voice)) return this.#checked(voice as VoiceLatents);
    const mels = melsOf(voice).map((mel) => conditioningWindow(mel));
    return { autoregressive: await this.#unifiedVoice.conditioning(mels) };
  }

  async speak(request: DvaeRequest): Promise<DvaeSpeech> {
    refuseStrangers(request);
    const { settings, config, tokenizer } = this.model;
    const { text, unknown, seed = 0 } = request;
    const sampling: DvaeSpeech["plan"]["sampling"] =
      request.sampling === "greedy" ? "greedy" : { ...settings.sampling, ...request.sampling };
    const plan = { seed, sampling, maxCodes: request.maxCodes ?? config.maxMelTokens };
    const read = (words: string): number[] => speakableTokens(tokenizer, words, unknown);
    const parts = bracketed(text);
    const tokens = read(parts?.spoken ?? text);
    const job = new Job({ ...request, seed });
    const voice = await job.stage("voice", () => this.voice(request.voice));
    const [generated] = await job.stage("codes", () =>
      this.#unifiedVoice.generate([{ tokens, voice: voice.autoregressive }], {
        sampling,
        maxCodes: plan.maxCodes,
        random: job.random,
        ...job.stopping,
        onProgress: ({ codes, maxCodes }) => job.tell("codes", codes, maxCodes),
      }),
    );
    const { codes, stopped } = generated as Generated;
    const decoded = await job.stage("dvae", () => this.#dvae.decode(codes));
    const mel = stopped ? withoutPadding(decoded, framesPerCode(this.#dvae.config)) : decoded;
    const sound = await job.stage("vocoder", async () => griffinLim(mel, { seed }));
    const audio = !parts
      ? sound
      : await job.stage("brackets", async () => {
          const { autoregressive } = voice;
          const model = { unifiedVoice: this.#unifiedVoice, weights: this.model.unifiedVoice };
          const spoken = { ...model, read, voice: autoregressive, codes };
          return soundFrom(sound, await hiddenCodes(parts, spoken));
        });
    return { audio, mel, codes, stopped, voice, plan, seconds: job.seconds };
  }

  async *stream(request: DvaeRequest): AsyncGenerator<Audio | StreamedSpeech> {
    const { audio, ...speech } = await this.speak(request);
    yield audio;
    yield speech;
  }

  async dispose(): Promise<void> {
    await this.#unifiedVoice.dispose();
    await this.#dvae.dispose();
  }

  #checked(voice: VoiceLatents): VoiceLatents {
    const { modelDim } = this.model.config;
    const { length } = voice.autoregressive ?? [];
    if (length === modelDim && voice.autoregressive.every(Number.isFinite)) return voice;
    throw new TortoiseError(
      `voice: the autoregressive latent has ${length} numbers, this model's has ${modelDim}; make it with this model, of the voice's clips`,
    );
  }
}

function melsOf(clips: readonly Audio[] | readonly Mel[]): readonly Mel[] {
  if (isMels(clips)) return clips;
  checkClips(clips);
  return clips.map((clip) => arMel(resample(clip.samples, clip.sampleRateHz, sampleRateHz)));
}

function isMels(clips: readonly Audio[] | readonly Mel[]): clips is readonly Mel[] {
  const [first] = clips;
  return first !== undefined && "bands" in first;
}

/** The compiler sees to it that none is forgotten. */
const optionNames: { readonly [Name in keyof Required<DvaeRequest>]: true } = {
  text: true,
  voice: true,
  seed: true,
  sampling: true,
  maxCodes: true,
  unknown: true,
  signal: true,
  onProgress: true,
  now: true,
};

/** @throws {RangeError} An option would be ignored. */
function refuseStrangers(request: object): void {
  for (const [name, value] of Object.entries(request))
    if (value !== undefined && !Object.hasOwn(optionNames, name))
      throw new RangeError(
        `speak: a model that speaks through its dVAE takes no "${name}"; leave it out, or speak with TorToiSe's own files`,
      );
}
