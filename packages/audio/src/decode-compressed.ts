import type { DecodedAudio, DecodeOptions } from "./audio.js";
import { AudioError } from "./audio-error.js";
import { withHeaderAfterEnd } from "./flac-end.js";
import { mpegChannelCount } from "./mpeg-header.js";
import { SampleCollector } from "./sample-collector.js";

/** What the decoders of wasm-audio-decoders have in common. */
type Decoder = {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): Block | Promise<Block>;
  flush?(): Promise<Block>;
  free(): void;
};

type Block = {
  readonly channelData: Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly bitDepth?: number;
  readonly errors: readonly { readonly message: string }[];
};

/** The compressed formats; each decoder is WebAssembly of 70 to 110 kB, loaded when it is first needed. */
const decoders = {
  MP3: async () => new (await import("mpg123-decoder")).MPEGDecoder(),
  FLAC: async () => new (await import("@wasm-audio-decoders/flac")).FLACDecoder(),
  Vorbis: async () => new (await import("@wasm-audio-decoders/ogg-vorbis")).OggVorbisDecoder(),
  Opus: async () => new (await import("ogg-opus-decoder")).OggOpusDecoder(),
} satisfies { readonly [codec: string]: () => Promise<Decoder> };

export type Codec = keyof typeof decoders;

/**
 * Bytes decoded between two looks at the limit. Few, because silence can be small: in FLAC 22 bytes may be a frame of
 * 65,535 samples of 8 channels, 2 MB, and in Opus 2 bytes a packet of 0.12 s.
 */
const blockBytes = 2 ** 10;

/**
 * Decodes a compressed file.
 *
 * @throws {AudioError} There is no audio in it, it is damaged beyond reading, or it is too long.
 */
export async function decodeCompressed(
  codec: Codec,
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<DecodedAudio> {
  const decoder: Decoder = await decoders[codec]();
  await decoder.ready;
  // mpg123 gives two channels even of mono.
  const channelCount = codec === "MP3" ? mpegChannelCount(bytes) : undefined;
  let collector: SampleCollector | undefined;
  const damages: string[] = [];
  try {
    const whole = codec === "FLAC" ? withHeaderAfterEnd(bytes) : bytes;
    for await (const block of readBlocks(decoder, whole)) {
      damages.push(...block.errors.map(({ message }) => message));
      if (block.samplesDecoded === 0) continue;
      const given = block.channelData.slice(0, channelCount);
      const channels =
        codec === "FLAC" ? given.map((channel) => rescale(channel, block.bitDepth ?? 16)) : given;
      collector ??= new SampleCollector(codec, channels.length, block.sampleRate, options);
      collector.add(channels, block.sampleRate);
    }
  } catch (cause) {
    if (cause instanceof AudioError) throw cause;
    throw new AudioError(`decodeAudio: the ${codec} file is damaged; get it again.`, { cause });
  } finally {
    decoder.free();
  }
  if (!collector) {
    throw new AudioError(
      `decodeAudio: there is no audio in the ${codec} file of ${bytes.length} bytes; it is damaged or cut off.`,
    );
  }
  const [first] = damages;
  return collector.finish(first ? [`Damaged in ${damages.length} places, first: ${first}.`] : []);
}

async function* readBlocks(decoder: Decoder, bytes: Uint8Array): AsyncGenerator<Block> {
  for (let offset = 0; offset < bytes.length; offset += blockBytes) {
    yield decoder.decode(bytes.subarray(offset, offset + blockBytes));
  }
  if (decoder.flush) yield decoder.flush();
}

/** The FLAC decoder divides by the highest sample, 2^(bits - 1) - 1; WAV's full scale is 2^(bits - 1). */
function rescale(channel: Float32Array, bits: number): Float32Array {
  const fullScale = 2 ** (bits - 1);
  return channel.map((sample) => Math.round(sample * (fullScale - 1)) / fullScale);
}
