import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeWav } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { joinAudio, type Speech, type SpeechFlaw } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import { shellWord } from "../format.js";
import { exists } from "../place.js";

/** A piece of a reading that is spoken, in its file. */
export interface ReadPiece {
  readonly file: string;
  readonly text: string;
  /** Of what it was made with; another text, voice or option has another. */
  readonly key: string;
  readonly seed: number;
  readonly samples: number;
  readonly flaw?: SpeechFlaw;
}

const format = "hawksbill reading 1";

/** The pieces of a long text, spoken, in a folder: `reading.json` says which are done and with what. */
export class ReadFolder {
  readonly #folder: string;
  readonly #pieces: Map<number, ReadPiece>;

  private constructor(folder: string, pieces: Map<number, ReadPiece>) {
    this.#folder = folder;
    this.#pieces = pieces;
  }

  /**
   * Opens the folder of a reading, or makes a new one.
   *
   * @throws {CliError} It has files of something else.
   */
  static async open(folder: string): Promise<ReadFolder> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, stateFile);
    if (await exists(path)) return new ReadFolder(folder, await readState(path));
    if ((await readdir(folder)).length > 0)
      throw new CliError(
        `${shellWord(folder)}: has other files than a reading's; choose a new folder`,
      );
    return new ReadFolder(folder, new Map());
  }

  /** A piece that is done, if it was made with what the key stands for and its file is there. */
  async done(index: number, key: string): Promise<ReadPiece | undefined> {
    const piece = this.#pieces.get(index);
    if (piece?.key !== key) return undefined;
    return (await exists(join(this.#folder, piece.file))) ? piece : undefined;
  }

  /** Writes a piece, and then that it is done. */
  async save(
    index: number,
    speech: Speech,
    about: Pick<ReadPiece, "text" | "key" | "flaw">,
  ): Promise<ReadPiece> {
    const { audio } = joinAudio([speech.audio]); // Faded at its ends: it is to be joined without clicks.
    const file = `${`${index + 1}`.padStart(4, "0")}.wav`;
    await writeFileAtomic(join(this.#folder, file), encodeWav(audio));
    const piece = { ...about, file, seed: speech.plan.seed, samples: audio.samples.length };
    this.#pieces.set(index, piece);
    await this.#write();
    return piece;
  }

  async #write(): Promise<void> {
    const pieces = Object.fromEntries([...this.#pieces].sort(([a], [b]) => a - b));
    const text = JSON.stringify({ format, pieces }, undefined, 1);
    await writeFileAtomic(join(this.#folder, stateFile), new TextEncoder().encode(text));
  }
}

const stateFile = "reading.json";

/** @throws {CliError} It is no reading's, or damaged. */
async function readState(path: string): Promise<Map<number, ReadPiece>> {
  const text = await readFile(path, "utf8");
  try {
    const state = JSON.parse(text) as { format?: unknown; pieces: Record<string, ReadPiece> };
    if (state.format === format)
      return new Map(
        Object.entries(state.pieces).map(([index, piece]) => [Number(index), checked(piece)]),
      );
  } catch {
    // Told below.
  }
  throw new CliError(
    `${path}: is no reading's, or damaged; remove it to speak all pieces again, or choose a new folder`,
  );
}

function checked(piece: ReadPiece): ReadPiece {
  const { file, seed, samples } = piece;
  if (/^\d+\.wav$/.test(file) && Number.isInteger(seed) && Number.isInteger(samples)) return piece;
  throw new TypeError("a piece is damaged");
}

/** What stands for all that a piece is made with. */
export function keyOf(...made: readonly (string | object | ArrayBufferView)[]): string {
  const hash = createHash("sha256");
  for (const part of made)
    hash
      .update(ArrayBuffer.isView(part) ? new Uint8Array(part.buffer) : JSON.stringify(part))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}
