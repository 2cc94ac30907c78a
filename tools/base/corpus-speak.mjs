// @ts-check
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { polishClip } from "./corpus-wav.mjs";

const run = promisify(execFile);

/**
 * A sentence as a clip for training: trimmed, and its peak at -3 dB.
 *
 * @param {import("./corpus-speakers.mjs").Speaker} speaker
 * @param {string} text
 * @param {number} sampleRateHz
 * @returns {Promise<Float32Array>} Mono, [-1, 1].
 */
export async function speak(speaker, text, sampleRateHz) {
  const folder = await mkdtemp(join(tmpdir(), "speak-"));
  try {
    const spoken = join(folder, "spoken.wav");
    const [program, ...options] = speaker.command(text, spoken);
    await run(program, options);
    const raw = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", String(sampleRateHz)];
    // -D: no dither, which is random. -v 0.8: room for the overshoot of resampling.
    const sox = ["-D", "-v", "0.8", spoken, ...raw, "-", ...speaker.effects];
    const { stdout } = await run("sox", sox, { encoding: "buffer", maxBuffer: 2 ** 24 });
    return polishClip(samplesOf(stdout), sampleRateHz);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {Buffer} bytes 16-bit samples. */
function samplesOf(bytes) {
  return Float32Array.from(
    { length: bytes.length >> 1 },
    (_, i) => bytes.readInt16LE(2 * i) / 32768,
  );
}
