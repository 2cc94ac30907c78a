/// <reference types="node" />
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.js";
import { type TensorBoardEvent, tensorBoardHeader, tensorBoardRecord } from "./tensorboard.js";

test("the checksum is CRC-32C, as RFC 3720's examples have it", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
});

const event: TensorBoardEvent = {
  step: 300,
  unixSeconds: 1_700_000_001.5,
  scalars: { "training/mel": 4.25 },
  sounds: {
    sample: { wav: new TextEncoder().encode("RIFF"), sampleRateHz: 22_050, samples: 2 },
  },
};

/** What the RecordWriter of TensorBoard 2.21 writes for a file's begin at 1,700,000,000.25 s and the event above. */
const written = [
  "1800000000000000a37f4b22",
  "0900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9",
  "0d000000000000003c37b834",
  "0900001040fc54d9413a0208018c8e54cd",
  "490000000000000036250ea3",
  "0900006040fc54d94110ac022a3b0a130a0c747261696e696e672f6d656c15000088400a240a0673616d706c65321a0d",
  "0044ac46100118022204524946462a09617564696f2f7761767bc5c888",
].join("");

test("a file is byte for byte as TensorBoard would write it", () => {
  const file = Buffer.concat([tensorBoardHeader(1_700_000_000.25), tensorBoardRecord(event)]);

  expect(file.toString("hex")).toBe(written);
});

test("steps beyond 32 bits keep all of theirs", () => {
  const bytes = tensorBoardRecord({ step: 2 ** 40 + 1, unixSeconds: 0 });

  expect([...bytes.subarray(12 + 9 + 1, 12 + 9 + 7)]).toEqual([0x81, 0x80, 0x80, 0x80, 0x80, 0x20]);
});

/** Prints as JSON what TensorBoard reads from a folder. */
const reader = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
read = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "audio": 0})
read.Reload()
print(json.dumps({
  "scalars": {tag: [[e.step, e.wall_time, e.value] for e in read.Scalars(tag)] for tag in read.Tags()["scalars"]},
  "audio": {tag: [[e.step, e.sample_rate, e.length_frames, e.encoded_audio_string.decode()] for e in read.Audio(tag)] for tag in read.Tags()["audio"]},
}))`;

const hasTensorBoard = spawnSync("python3", ["-c", "import tensorboard"]).status === 0;

test.skipIf(!hasTensorBoard)(
  "TensorBoard's own reader finds every number and sound (needs pip install tensorboard)",
  { timeout: 60_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "hawksbill-tensorboard-"));
    const steps = [1, 2, 300].map((step) => ({
      step,
      unixSeconds: 1_700_000_000 + step,
      scalars: { "training/mel": 5 - step / 512, "held out/mel": -step },
    }));
    const records = [...steps, { ...event, scalars: {} }].map(tensorBoardRecord);
    const half = tensorBoardRecord({ ...event, step: 301 }).subarray(0, -5); // Of a killed process.
    writeFileSync(
      join(folder, "events.out.tfevents.1700000000"),
      Buffer.concat([tensorBoardHeader(1_700_000_000), ...records, half]),
    );

    const printed = execFileSync("python3", ["-c", reader, folder], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    rmSync(folder, { recursive: true });

    const points = (of: (step: number) => number): number[][] =>
      steps.map(({ step, unixSeconds }) => [step, unixSeconds, of(step)]);
    expect(JSON.parse(`${printed}`)).toEqual({
      scalars: {
        "training/mel": points((step) => 5 - step / 512),
        "held out/mel": points((step) => -step),
      },
      audio: { sample: [[300, 22_050, 2, "RIFF"]] },
    });
  },
);
