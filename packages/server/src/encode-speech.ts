import type { Audio } from "@hawksbill/audio";
import { type AudioFormat, rateIn } from "./audio-formats.js";
import { SpeedChanger } from "./speed-changer.js";
import { StreamResampler } from "./stream-resampler.js";

export interface EncodeSpeechOptions {
  readonly format: AudioFormat;
  /** 1 as it is, 2 twice as fast, at the same pitch. */
  readonly speed: number;
  /** Told of the sound that was encoded, in seconds of what is heard. */
  readonly onAudio: (seconds: number) => void;
}

/**
 * Makes a file of speech as it comes, in pieces that are never empty.
 *
 * @throws {Error} There was no sound, or its rate changed on the way.
 */
export async function* encodeSpeech(
  speech: AsyncIterable<Audio>,
  options: EncodeSpeechOptions,
): AsyncGenerator<Uint8Array, void> {
  let file: File | undefined;
  try {
    for await (const { samples, sampleRateHz } of speech) {
      if (samples.length === 0) continue;
      file ??= await File.open(sampleRateHz, options);
      const bytes = file.add(samples, sampleRateHz);
      if (bytes.length > 0) yield bytes;
    }
    if (file === undefined) throw new Error("speech: the model made no sound; report this");
    yield* file.finish();
  } finally {
    file?.free();
  }
}

type Encoder = Awaited<ReturnType<AudioFormat["open"]>>;

/** What samples go through: speed, rate, encoder. */
class File {
  readonly #sampleRateHz: number;
  readonly #speed: SpeedChanger;
  readonly #resampler: StreamResampler;
  readonly #encoder: Encoder;
  readonly #onAudio: (samples: number) => void;

  private constructor(
    sampleRateHz: number,
    fileRateHz: number,
    encoder: Encoder,
    { speed, onAudio }: EncodeSpeechOptions,
  ) {
    this.#sampleRateHz = sampleRateHz;
    this.#speed = new SpeedChanger(sampleRateHz, speed);
    this.#resampler = new StreamResampler(sampleRateHz, fileRateHz);
    this.#encoder = encoder;
    this.#onAudio = (samples) => onAudio(samples / fileRateHz);
  }

  static async open(sampleRateHz: number, options: EncodeSpeechOptions): Promise<File> {
    const fileRateHz = rateIn(options.format, sampleRateHz);
    const encoder = await options.format.open(fileRateHz);
    return new File(sampleRateHz, fileRateHz, encoder, options);
  }

  add(samples: Float32Array, sampleRateHz: number): Uint8Array {
    if (sampleRateHz !== this.#sampleRateHz)
      throw new Error(
        `speech: the model went from ${this.#sampleRateHz} to ${sampleRateHz} Hz; give all pieces one rate`,
      );
    return this.#encode(this.#resampler.push(this.#speed.push(samples)));
  }

  *finish(): Generator<Uint8Array> {
    for (const samples of [this.#resampler.push(this.#speed.finish()), this.#resampler.finish()]) {
      const bytes = this.#encode(samples);
      if (bytes.length > 0) yield bytes;
    }
    const bytes = this.#encoder.finish();
    if (bytes.length > 0) yield bytes;
  }

  free(): void {
    this.#encoder.free();
  }

  #encode(samples: Float32Array): Uint8Array {
    if (samples.length === 0) return new Uint8Array(0);
    this.#onAudio(samples.length);
    return this.#encoder.encode(samples);
  }
}
