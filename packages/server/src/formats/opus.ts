import { createEncoder, Signal } from "libopus-wasm";
import { type AudioEncoder, joined } from "./audio-encoder.js";
import { oggPage, segmentCount } from "./ogg-page.js";

/** Bits a second: speech is as the original to most ears. */
const bitrate = 48_000;

/** Ogg counts Opus in samples of this rate, whatever it was made of. */
const countingRateHz = 48_000;

/** Packets of a fiftieth of a second each. */
const packetsPerSecond = 50;

/** Segments that a page is filled to, about a second: players seek from page to page. */
const mostSegments = 50;

/** Opus in Ogg, by libopus. @param sampleRateHz One of `opusRates`. @see RFC 7845 */
export async function openOpus(sampleRateHz: 24_000 | 48_000): Promise<AudioEncoder> {
  const frame = sampleRateHz / packetsPerSecond; // Samples.
  const encoder = await createEncoder({
    channels: 1,
    sampleRate: sampleRateHz,
    frameSize: frame,
    bitrate,
    signal: Signal.Voice,
  });
  const scale = countingRateHz / sampleRateHz;
  const warmUp = encoder.getLookahead();
  const preSkip = warmUp * scale;
  const pages = new Pages();
  let heard = 0; // Samples.
  let coded = 0; // Samples, up to the end of the last packet.
  let rest = new Float32Array(0); // Of which there is no whole frame yet.

  const code = (samples: Float32Array): void => {
    const all = new Float32Array(rest.length + samples.length);
    all.set(rest);
    all.set(samples, rest.length);
    const whole = all.length - (all.length % frame);
    for (let at = 0; at < whole; at += frame) {
      coded += frame;
      pages.add(encoder.encodeFloat(all.subarray(at, at + frame)), coded * scale);
    }
    rest = all.slice(whole);
  };
  return {
    encode(samples) {
      if (heard === 0) pages.begin(opusHead(preSkip, sampleRateHz), opusTags());
      heard += samples.length;
      code(samples);
      pages.flush("middle");
      return pages.take();
    },
    finish() {
      // What is heard last has to get through the encoder, too. The last page's count cuts off what is too much.
      const missing = rest.length + warmUp;
      code(new Float32Array(warmUp + ((frame - (missing % frame)) % frame)));
      pages.end(preSkip + heard * scale);
      return pages.take();
    },
    free: () => encoder.free(),
  };
}

/** Collects packets and makes pages of them. */
class Pages {
  /** Any number will do in a file with one stream. */
  readonly #serial = 0x6861776b;
  #sequence = 0;
  #done: Uint8Array[] = [];
  #packets: Uint8Array[] = [];
  #segments = 0;
  #granule = 0;

  /** Each header has a page of its own. */
  begin(head: Uint8Array, tags: Uint8Array): void {
    this.#page([head], 0, "first");
    this.#page([tags], 0, "middle");
  }

  /** @param granule Samples at 48,000 Hz up to the packet's end. */
  add(packet: Uint8Array, granule: number): void {
    const segments = segmentCount(packet);
    if (this.#segments + segments > mostSegments) this.flush("middle");
    this.#packets.push(packet);
    this.#segments += segments;
    this.#granule = granule;
  }

  end(granule: number): void {
    this.#granule = granule;
    this.flush("last");
  }

  /** The bytes of the pages that are done. */
  take(): Uint8Array {
    const bytes = joined(this.#done);
    this.#done = [];
    return bytes;
  }

  flush(place: "middle" | "last"): void {
    if (this.#packets.length === 0) return;
    this.#page(this.#packets, this.#granule, place);
    this.#packets = [];
    this.#segments = 0;
  }

  #page(packets: readonly Uint8Array[], granule: number, place: "first" | "middle" | "last"): void {
    const sequence = this.#sequence++;
    this.#done.push(oggPage({ packets, granule, serial: this.#serial, sequence, place }));
  }
}

function opusHead(preSkip: number, sampleRateHz: number): Uint8Array {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("OpusHead"));
  view.setUint8(8, 1); // Version.
  view.setUint8(9, 1); // Channels.
  view.setUint16(10, preSkip, true);
  view.setUint32(12, sampleRateHz, true);
  return head;
}

function opusTags(): Uint8Array {
  const vendor = new TextEncoder().encode("libopus");
  const tags = new Uint8Array(16 + vendor.length);
  tags.set(new TextEncoder().encode("OpusTags"));
  new DataView(tags.buffer).setUint32(8, vendor.length, true);
  tags.set(vendor, 12);
  return tags;
}
