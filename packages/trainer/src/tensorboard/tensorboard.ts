import { crc32c } from "./crc32c.js";
import { ProtobufMessage } from "./protobuf.js";

/** What TensorBoard is to show of one moment. */
export interface TensorBoardEvent {
  readonly step: number;
  /** When it was, in seconds since 1970. */
  readonly unixSeconds: number;
  /** Points of curves, by name; a slash groups them: "training/loss". */
  readonly scalars?: Readonly<Record<string, number>>;
  /** Sounds, by name. */
  readonly sounds?: Readonly<Record<string, TensorBoardSound>>;
}

export interface TensorBoardSound {
  /** A mono WAV file. */
  readonly wav: Uint8Array;
  readonly sampleRateHz: number;
  readonly samples: number;
}

/** Of tensorflow/core/util/event.proto and framework/summary.proto. */
const fields = {
  event: { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 },
  sessionLog: { status: 1, start: 1 },
  summary: { value: 1 },
  value: { tag: 1, simpleValue: 2, audio: 6 },
  audio: { sampleRate: 1, channels: 2, frames: 3, bytes: 4, type: 5 },
} as const;

/**
 * How an event file of TensorBoard begins. Its name has to have "tfevents" in it, and its folder is what
 * `tensorboard --logdir` is given.
 *
 * TensorBoard forgets there what it read of earlier files of the folder: a file is a run, whole.
 */
export function tensorBoardHeader(unixSeconds: number): Uint8Array {
  const { event, sessionLog } = fields;
  const at = (): ProtobufMessage => new ProtobufMessage().double(event.wallTime, unixSeconds);
  const started = new ProtobufMessage().int64(sessionLog.status, sessionLog.start);
  return joined([
    record(at().string(event.fileVersion, "brain.Event:2")),
    record(at().bytes(event.sessionLog, started)),
  ]);
}

/** An event as it is appended to an event file. */
export function tensorBoardRecord({
  step,
  unixSeconds,
  scalars = {},
  sounds = {},
}: TensorBoardEvent): Uint8Array {
  const { event, summary, value, audio } = fields;
  const values = [
    ...Object.entries(scalars).map(([tag, number]) =>
      new ProtobufMessage().string(value.tag, tag).float(value.simpleValue, number),
    ),
    ...Object.entries(sounds).map(([tag, { wav, sampleRateHz, samples }]) => {
      const sound = new ProtobufMessage()
        .float(audio.sampleRate, sampleRateHz)
        .int64(audio.channels, 1)
        .int64(audio.frames, samples)
        .bytes(audio.bytes, wav)
        .string(audio.type, "audio/wav");
      return new ProtobufMessage().string(value.tag, tag).bytes(value.audio, sound);
    }),
  ];
  const all = new ProtobufMessage();
  for (const one of values) all.bytes(summary.value, one);
  return record(
    new ProtobufMessage()
      .double(event.wallTime, unixSeconds)
      .int64(event.step, step)
      .bytes(event.summary, all),
  );
}

/** A record of a TFRecord file: length, its checksum, data, its checksum; numbers little endian. */
function record(message: ProtobufMessage): Uint8Array {
  const data = message.encoded;
  const head = new DataView(new ArrayBuffer(12));
  head.setUint32(0, data.length, true); // Of 64 bits the upper 32 stay 0.
  head.setUint32(8, masked(crc32c(new Uint8Array(head.buffer, 0, 8))), true);
  const tail = new DataView(new ArrayBuffer(4));
  tail.setUint32(0, masked(crc32c(data)), true);
  return joined([new Uint8Array(head.buffer), data, new Uint8Array(tail.buffer)]);
}

/** As TFRecord has checksums, since one of data with checksums in it tells little. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
