import type { DecodedAudio, DecodeOptions } from "./audio.js";
import { AudioError } from "./audio-error.js";
import { checkFormat, checkLength, lengthLimit } from "./limits.js";

/** Gathers the blocks a decoder makes, and stops a file that grows beyond the limit. */
export class SampleCollector {
  readonly #blocks: (readonly Float32Array[])[] = [];
  readonly #channelCount: number;
  readonly #sampleRateHz: number;
  readonly #limit: number;
  #length = 0;

  constructor(
    codec: string,
    channelCount: number,
    sampleRateHz: number,
    options: DecodeOptions = {},
  ) {
    checkFormat(codec, channelCount, sampleRateHz);
    this.#channelCount = channelCount;
    this.#sampleRateHz = sampleRateHz;
    this.#limit = lengthLimit(channelCount, sampleRateHz, options.maxSeconds);
  }

  /** Adds one block: an array per channel, which must not be written to afterwards. */
  add(block: readonly Float32Array[], sampleRateHz: number): void {
    if (block.length !== this.#channelCount || sampleRateHz !== this.#sampleRateHz) {
      throw new AudioError(
        `decodeAudio: the audio changes from ${this.#channelCount} channels at ${this.#sampleRateHz} Hz to ${block.length} at ${sampleRateHz} Hz; split the file.`,
      );
    }
    this.#length += block[0]?.length ?? 0;
    checkLength(this.#length, this.#limit, this.#sampleRateHz);
    this.#blocks.push(block);
  }

  /** All blocks, joined. */
  finish(warnings: readonly string[]): DecodedAudio {
    const channels = Array.from({ length: this.#channelCount }, (_, c) => {
      const joined = new Float32Array(this.#length);
      let offset = 0;
      for (const block of this.#blocks) {
        const part = block[c] as Float32Array;
        joined.set(part, offset);
        offset += part.length;
      }
      return joined;
    });
    return { channels, sampleRateHz: this.#sampleRateHz, warnings };
  }
}
