import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { encodeWav } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { type Cue, subtitles } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import type { ReadPiece } from "./read-folder.js";

/** A piece and the silence behind it. */
export interface PlacedPiece extends ReadPiece {
  readonly pauseSeconds: number;
}

/** What comes before the samples in `encodeWav`'s files. */
const headerBytes = encodeWav({ samples: new Float32Array(0), sampleRateHz: 24_000 }).length;

/** A .wav file counts its bytes in 32 bits. */
const mostBytes = 0xffffffff - headerBytes;

/**
 * Writes all pieces as one .wav, piece by piece, so that a book takes no more memory than its longest piece; and
 * subtitles beside it.
 *
 * @param name Of the files, without their ends.
 * @throws {CliError} It would be too long for a .wav.
 */
export async function writeWhole(
  folder: string,
  name: string,
  pieces: readonly PlacedPiece[],
  sampleRateHz: number,
): Promise<{ readonly file: string; readonly seconds: number }> {
  const pauses = pieces.map(({ pauseSeconds }, i) =>
    i < pieces.length - 1 ? Math.round(pauseSeconds * sampleRateHz) : 0,
  );
  const total = pieces.reduce((sum, { samples }, i) => sum + samples + (pauses[i] ?? 0), 0);
  if (2 * total > mostBytes)
    throw new CliError(
      `${name}.wav: ${Math.round(total / sampleRateHz / 3600)} h are too long for one file; the pieces are in ${folder}`,
    );
  const file = join(folder, `${name}.wav`);
  const partial = `${file}.partial`;
  const cues: Cue[] = [];
  const output = await open(partial, "w");
  try {
    await output.writeFile(header(total, sampleRateHz)); // `write` may write less than it is given.
    let start = 0;
    for (const [i, { file: part, samples, text }] of pieces.entries()) {
      const wav = await readFile(join(folder, part));
      const bytes = wav.subarray(headerBytes);
      if (bytes.length !== 2 * samples)
        throw new CliError(`${join(folder, part)}: is not as it was written; remove it and go on`);
      const pause = pauses[i] ?? 0;
      await output.writeFile(bytes);
      await output.writeFile(new Uint8Array(2 * pause));
      const endSeconds = (start + samples) / sampleRateHz;
      cues.push({ startSeconds: start / sampleRateHz, endSeconds, text });
      start += samples + pause;
    }
    await output.sync();
    await output.close();
    await rename(partial, file);
  } catch (error) {
    await output.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
  for (const format of ["srt", "vtt"] as const)
    await writeFileAtomic(
      join(folder, `${name}.${format}`),
      new TextEncoder().encode(subtitles(cues, format)),
    );
  return { file, seconds: total / sampleRateHz };
}

/** That of a file with so many samples, without making them. */
function header(samples: number, sampleRateHz: number): Uint8Array {
  const bytes = encodeWav({ samples: new Float32Array(0), sampleRateHz });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(4, headerBytes - 8 + 2 * samples, true);
  view.setUint32(headerBytes - 4, 2 * samples, true);
  return bytes;
}
