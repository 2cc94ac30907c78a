import { type Audio, arMel, type Mel, resample } from "@hawksbill/audio";
import type { Device } from "@hawksbill/core";
import { Dvae, framesPerCode } from "@hawksbill/dvae";
import {
  checkSampling,
  type DecoderOptions,
  type Generated,
  UnifiedVoice,
} from "@hawksbill/unified-voice";
import { griffinLim } from "@hawksbill/vocoder";
import { disposeAll } from "./dispose-all.js";
import type { Model } from "./model.js";
import { bracketed, heardCodes, readBracketed, soundOf } from "./pipeline/brackets.js";
import { Job } from "./pipeline/job.js";
import type { SpeechRequest } from "./pipeline/speak-options.js";
import type { VoiceOptions } from "./pipeline/voice.js";
import { requireKnown } from "./require-known.js";
import { speakableTokens } from "./speakable-tokens.js";
import type { Speaker, SpeakerVoice, Speech, StreamedSpeech } from "./speaker.js";
import { TortoiseError } from "./tortoise-error.js";
import { conditioningWindow, hearingOf } from "./voice.js";
import { checkClips } from "./voices/conditioning-mels.js";
import { requireLatent } from "./voices/require-latent.js";
import type { VoiceLatents } from "./voices/voice-latents.js";
import { fadeLastCode, withoutPadding } from "./without-padding.js";

/** What can be asked of a model that speaks through its dVAE. */
export interface DvaeRequest
  extends Pick<
    SpeechRequest,
    "text" | "seed" | "sampling" | "maxCodes" | "unknown" | "signal" | "onProgress" | "now"
  > {
  /** Clips may be mels already (`arMel` of @hawksbill/audio). */
  readonly voice: SpeakerVoice | readonly Mel[];
}

/** The speech of a model that speaks through its dVAE, 22,050 Hz; no sound where the model ended the text at once. */
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

  async voice(
    voice: DvaeRequest["voice"],
    { random: _, signal, ...options }: VoiceOptions = {},
  ): Promise<VoiceLatents> {
    requireKnown("voice: a model that speaks through its dVAE", options, {});
    if (voice === "random")
      throw new TortoiseError("voice: this model has no random voices; give clips or latents");
    if (!Array.isArray(voice)) return this.#checked(voice as VoiceLatents);
    const hearing = hearingOf(this.model);
    const mels = melsOf(voice).map((mel) => conditioningWindow(mel, { hearing }));
    return {
      autoregressive: await this.#unifiedVoice.conditioning(mels, signal ? { signal } : {}),
    };
  }

  async check(request: Pick<DvaeRequest, "text" | "unknown">): Promise<void> {
    this.#words(request);
  }

  async speak(request: DvaeRequest): Promise<DvaeSpeech> {
    refuseStrangers(request);
    const { settings, config } = this.model;
    const { seed = 0 } = request;
    const sampling: DvaeSpeech["plan"]["sampling"] =
      request.sampling === "greedy" ? "greedy" : { ...settings.sampling, ...request.sampling };
    if (sampling !== "greedy") checkSampling(sampling);
    const plan = { seed, sampling, maxCodes: request.maxCodes ?? config.maxMelTokens };
    const { tokens, stretches } = this.#words(request);
    const job = new Job({ ...request, seed });
    const voice = await job.step("voice", () => this.voice(request.voice, job.stopping));
    job.tell("codes", 0, plan.maxCodes);
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
    const speech = { codes, stopped, voice, plan };
    if (codes.length === 0) return { ...speech, ...nothing(this.#dvae), seconds: job.seconds };
    const decoded = await job.step("dvae", () => this.#dvae.decode(codes));
    const codeFrames = framesPerCode(this.#dvae.config);
    const mel = stopped ? withoutPadding(decoded, codeFrames) : decoded;
    const sound = await job.step("vocoder", async () => griffinLim(mel, { seed }));
    if (stopped) fadeLastCode(sound, codeFrames);
    const audio = !stretches
      ? sound
      : await job.stage("brackets", async () =>
          soundOf(
            sound,
            await heardCodes(stretches, {
              unifiedVoice: this.#unifiedVoice,
              ...{ voice: voice.autoregressive, codes, ...job.stopping },
              onProgress: (done, of) => job.tell("brackets", done, of),
            }),
          ),
        );
    return { ...speech, audio, mel, seconds: job.seconds };
  }

  async *stream(request: DvaeRequest): AsyncGenerator<Audio | StreamedSpeech> {
    const { audio, ...speech } = await this.speak(request);
    yield audio;
    yield speech;
  }

  dispose(): Promise<void> {
    return disposeAll([() => this.#unifiedVoice.dispose(), () => this.#dvae.dispose()]);
  }

  /** A text as the model reads it and, if words of it are not to be heard, its stretches. */
  #words({ text, unknown }: Pick<DvaeRequest, "text" | "unknown">) {
    const read = (words: string): readonly number[] => this.#read(words, unknown);
    const parts = bracketed(text);
    const stretches = parts && readBracketed(parts, read);
    return { tokens: stretches?.[0].onwards ?? read(text), stretches };
  }

  /** @throws {TortoiseError} The text is longer than the model reads at once. {TextError} See `speakableTokens`. */
  #read(text: string, unknown: DvaeRequest["unknown"]): number[] {
    const tokens = speakableTokens(this.model.tokenizer, text, unknown);
    const { maxTextTokens } = this.model.config;
    if (tokens.length > maxTextTokens)
      throw new TortoiseError(
        `speak: the text has ${tokens.length} tokens, the model reads ${maxTextTokens} at once; split the text, or let read() do so`,
      );
    return tokens;
  }

  #checked(voice: VoiceLatents): VoiceLatents {
    requireLatent("autoregressive", voice.autoregressive, this.model.config.modelDim);
    return voice;
  }
}

/** What is heard of a text that the model ended at once. */
function nothing({ config }: Dvae): Pick<DvaeSpeech, "audio" | "mel"> {
  return {
    audio: { samples: new Float32Array(), sampleRateHz },
    mel: { data: new Float32Array(), bands: config.channels, frames: 0 },
  };
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
