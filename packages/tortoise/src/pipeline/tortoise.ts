import type { Audio, Mel } from "@hawksbill/audio";
import type { Device } from "@hawksbill/core";
import type { DecoderOptions, Generated, Prompt } from "@hawksbill/unified-voice";
import { speakableTokens } from "../speakable-tokens.js";
import type { Speaker, SpeakerVoice, Speech, StreamedSpeech } from "../speaker.js";
import { TortoiseError } from "../tortoise-error.js";
import type { TortoiseLatents } from "../voices/voice-latents.js";
import {
  bracketed,
  heardCodes,
  readBracketed,
  type StretchTokens,
  soundOf,
  spokenText,
} from "./brackets.js";
import { drawCandidates } from "./candidates.js";
import { Job } from "./job.js";
import { bestFirst, melsOf, score } from "./ranking.js";
import { diffusionSound, hifiganSound } from "./sound.js";
import type { SpeechRequest } from "./speak-options.js";
import { fixedCodes } from "./speech-codes.js";
import { planSpeech, type SpeechPlan } from "./speech-plan.js";
import { Stages } from "./stages.js";
import { hifiganStream, isLive } from "./stream-hifigan.js";
import type { TortoiseModel } from "./tortoise-model.js";
import { latentsOf, type VoiceOptions } from "./voice.js";

/** One time that the text was spoken. */
export interface Candidate extends Generated {
  /** The higher the better; none where there was nothing to compare. */
  readonly score?: number;
}

/** A candidate that became sound. */
export interface SpokenCandidate extends Candidate {
  /** Mono, 24,000 Hz. */
  readonly audio: Audio;
  /** What UnivNet spoke; none on the way of "hifigan". */
  readonly mel?: Mel;
}

/** The best candidate, and what it came from. */
export interface TortoiseSpeech extends SpokenCandidate, Speech {
  /** As many of the best as were to be kept, the best first. */
  readonly kept: readonly SpokenCandidate[];
  /** All that were drawn, in the order in which they were drawn. */
  readonly candidates: readonly Candidate[];
  readonly plan: SpeechPlan;
  readonly voice: TortoiseLatents;
}

/** Ends a text. */
const stopToken = 0;

export interface TortoiseOptions extends DecoderOptions {
  /**
   * Whether parts stay on the device for the next speech (default), or each leaves it after its work, which takes less
   * memory and more time.
   */
  readonly keepParts?: boolean;
}

/** A candidate whose hidden words are to be cut out. */
interface Spoken {
  readonly voice: TortoiseLatents;
  readonly codes: Int32Array;
  readonly job: Job;
}

/** TorToiSe on a device. Each part gets there when it is first used. */
export class Tortoise implements Speaker<TortoiseSpeech> {
  readonly kind = "tortoise";
  readonly sampleRateHz = 24_000;
  readonly model: TortoiseModel;
  readonly #stages: Stages;

  private constructor(model: TortoiseModel, device: Device, options: TortoiseOptions) {
    this.model = model;
    const { keepParts: keep = true, ...decoder } = options;
    this.#stages = new Stages(device, { model, keep, decoder });
  }

  /**
   * @param model It stays the caller's, and is needed until `dispose`.
   */
  static create(model: TortoiseModel, device: Device, options: TortoiseOptions = {}): Tortoise {
    return new Tortoise(model, device, options);
  }

  voice(voice: SpeakerVoice, options: VoiceOptions = {}): Promise<TortoiseLatents> {
    return latentsOf(voice, this.#stages, options);
  }

  async check(request: Pick<SpeechRequest, "text" | "unknown">): Promise<void> {
    this.#words(request);
  }

  async speak(request: SpeechRequest): Promise<TortoiseSpeech> {
    const stages = this.#stages;
    const { silence } = this.model.settings;
    const { plan, tokens, stretches, job, voice, prompt } = await this.#begin(request);
    const work = { stages, job };
    if (plan.cvvpAmount > 0) melsOf(voice); // Refused now rather than after all the work.
    const drawn = await job.stage("codes", () => drawCandidates(prompt, plan, work));
    const codes = drawn.map((candidate) => fixedCodes(candidate, plan.maxCodes, silence));
    const scores =
      codes.length > 1
        ? await job.stage("ranking", () => score({ tokens, voice, codes }, plan, work))
        : undefined;

    const candidates = drawn.map((candidate, i) => ({ ...candidate, ...scoreOf(scores, i) }));
    const kept: SpokenCandidate[] = [];
    for (const i of bestFirst(candidates).slice(0, plan.keep)) {
      const candidate = candidates[i] as Candidate;
      const fixed = codes[i] as Int32Array;
      const random = job.random.fork(`sound ${kept.length}`);
      const chosen = { ...candidate, prompt, voice, fixed, random };
      const sound =
        plan.decoder === "hifigan"
          ? await hifiganSound(chosen, work)
          : await diffusionSound(chosen, plan, work);
      const audio = stretches
        ? await this.#withoutHidden(sound.audio, stretches, { ...chosen, job })
        : sound.audio;
      kept.push({ ...candidate, ...sound, audio });
    }
    const [best] = kept as [SpokenCandidate];
    return { ...best, kept, candidates, plan, voice, seconds: job.seconds };
  }

  async *stream(request: SpeechRequest): AsyncGenerator<Audio | StreamedSpeech> {
    // What is hidden by brackets is known at the end only.
    if (isLive(request) && !bracketed(request.text)) {
      const { plan, job, voice, prompt } = await this.#begin(request);
      const sound = hifiganStream({ prompt, voice }, plan, { stages: this.#stages, job });
      for await (const part of sound) yield "samples" in part ? part : { ...part, voice, plan };
    } else {
      const { audio, ...speech } = await this.speak(request);
      yield audio;
      yield speech;
    }
  }

  dispose(): Promise<void> {
    return this.#stages.dispose();
  }

  /** The sound of the words that stand outside of brackets. */
  #withoutHidden(
    audio: Audio,
    stretches: readonly StretchTokens[],
    { voice: { autoregressive: voice }, codes, job }: Spoken,
  ): Promise<Audio> {
    return job.stage("brackets", () =>
      this.#stages.use("autoregressive", async (unifiedVoice) =>
        soundOf(
          audio,
          await heardCodes(stretches, {
            ...{ unifiedVoice, voice, codes, ...job.stopping },
            onProgress: (done, of) => job.tell("brackets", done, of),
          }),
        ),
      ),
    );
  }

  /** What a speech is made of: everything decided, and the text and the voice as the model reads them. */
  async #begin(request: SpeechRequest) {
    const plan = planSpeech(request, this.#stages);
    const { tokens, stretches } = this.#words(request);
    const job = new Job({ ...request, seed: plan.seed });
    const voice = await this.#hear(request, job);
    const prompt: Prompt = { tokens: this.#asRead(tokens), voice: voice.autoregressive };
    return { plan, tokens, stretches, job, voice, prompt };
  }

  /** A text as the model reads it, with the stop token, and, if words of it are not to be heard, its stretches. */
  #words({ text, unknown }: Pick<SpeechRequest, "text" | "unknown">) {
    const parts = bracketed(text);
    const read = (words: string): readonly number[] => this.#asRead(this.#read(words, unknown));
    const stretches = parts && readBracketed(parts, read);
    return { tokens: this.#read(parts ? spokenText(parts) : text, unknown), stretches };
  }

  /** The text's tokens and the stop token behind them. */
  #read(text: string, unknown: SpeechRequest["unknown"]): number[] {
    const tokens = [...speakableTokens(this.model.tokenizer, text, unknown), stopToken];
    const { maxTextTokens } = this.model.config;
    if (tokens.length > maxTextTokens)
      throw new TortoiseError(
        `speak: the text has ${tokens.length} tokens with its stop token, the model reads ${maxTextTokens} at once; split the text, or let read() do so`,
      );
    return tokens;
  }

  #hear({ voice, conditioning }: SpeechRequest, job: Job): Promise<TortoiseLatents> {
    const random = job.random.fork("voice");
    return job.step("voice", () => this.voice(voice, { ...conditioning, random, ...job.stopping }));
  }

  /** UnifiedVoice adds a stop token of its own: the released one reads two. */
  #asRead(tokens: readonly number[]): readonly number[] {
    return this.model.settings.extraStop ? tokens : tokens.slice(0, -1);
  }
}

function scoreOf(scores: Float32Array | undefined, i: number): Pick<Candidate, "score"> {
  return scores ? { score: scores[i] as number } : {};
}
