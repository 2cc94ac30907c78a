import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
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

/** What `reading.json` holds. */
interface Reading {
  readonly document: string;
  readonly pieces: Map<number, ReadPiece>;
}

const format = "hawksbill reading 1";

/** The pieces of a long text, spoken, in a folder: `reading.json` says which are done and with what. */
export class ReadFolder {
  readonly #folder: string;
  readonly #document: string;
  readonly #pieces: Map<number, ReadPiece>;

  private constructor(folder: string, { document, pieces }: Reading) {
    this.#folder = folder;
    this.#document = document;
    this.#pieces = pieces;
  }

  /**
   * Opens the folder of a reading, or makes a new one.
   *
   * @param document The name of what is read: pieces of another one would be lost.
   * @throws {CliError} It has files of something else.
   */
  static async open(folder: string, document: string): Promise<ReadFolder> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, stateFile);
    if (await exists(path)) {
      const reading = await readState(path);
      if (reading.document === document) return new ReadFolder(folder, reading);
      throw new CliError(
        `${shellWord(folder)}: is a reading of ${reading.document}, which one of ${document} would replace; choose a new folder`,
      );
    }
    if ((await readdir(folder)).length > 0)
      throw new CliError(
        `${shellWord(folder)}: has other files than a reading's; choose a new folder`,
      );
    return new ReadFolder(folder, { document, pieces: new Map() });
  }

  /**
   * Gives pieces that are done, and their files, the numbers that they have in the text now.
   *
   * @param keys Of all pieces of the text.
   */
  async arrange(keys: readonly string[]): Promise<void> {
    const moves = await this.#movesTo(keys);
    if (moves.length === 0) return;
    // If this is cut off, what is on its way is spoken again: no piece is ever taken for another.
    for (const { from, to } of moves) {
      this.#pieces.delete(from);
      this.#pieces.delete(to);
    }
    await this.#write();
    const partial = (index: number): string => `${this.#pathOf(fileOf(index))}.partial`;
    for (const { piece, to } of moves) await rename(this.#pathOf(piece.file), partial(to));
    for (const { piece, to } of moves) {
      await rename(partial(to), this.#pathOf(fileOf(to)));
      this.#pieces.set(to, { ...piece, file: fileOf(to) });
    }
    await this.#write();
  }

  /** Removes what is done of pieces behind the last one of the text. */
  async removeFrom(end: number): Promise<void> {
    const beyond = [...this.#pieces].filter(([index]) => index >= end);
    if (beyond.length === 0) return;
    for (const [index] of beyond) this.#pieces.delete(index);
    await this.#write();
    for (const [, { file }] of beyond) await rm(this.#pathOf(file), { force: true });
  }

  /** A piece that is done, if it was made with what the key stands for and its file is there. */
  async done(index: number, key: string): Promise<ReadPiece | undefined> {
    const piece = this.#pieces.get(index);
    if (piece?.key !== key) return undefined;
    return (await exists(this.#pathOf(piece.file))) ? piece : undefined;
  }

  /** Writes a piece, and then that it is done. */
  async save(
    index: number,
    speech: Speech,
    about: Pick<ReadPiece, "text" | "key" | "flaw">,
  ): Promise<ReadPiece> {
    const { audio } = joinAudio([speech.audio]); // Faded at its ends: it is to be joined without clicks.
    const file = fileOf(index);
    await writeFileAtomic(this.#pathOf(file), encodeWav(audio));
    const piece = { ...about, file, seed: speech.plan.seed, samples: audio.samples.length };
    this.#pieces.set(index, piece);
    await this.#write();
    return piece;
  }

  /** Which pieces are done that have another number in the text now. */
  async #movesTo(keys: readonly string[]): Promise<readonly Move[]> {
    const strays = new Map<string, number[]>();
    for (const [index, { key, file }] of this.#pieces)
      if (keys[index] !== key && (await exists(this.#pathOf(file))))
        strays.set(key, [...(strays.get(key) ?? []), index]);
    return keys.flatMap((key, to) => {
      if (this.#pieces.get(to)?.key === key) return [];
      const from = strays.get(key)?.shift();
      return from === undefined ? [] : [{ piece: this.#pieces.get(from) as ReadPiece, from, to }];
    });
  }

  #pathOf(file: string): string {
    return join(this.#folder, file);
  }

  async #write(): Promise<void> {
    const pieces = Object.fromEntries([...this.#pieces].sort(([a], [b]) => a - b));
    const text = JSON.stringify({ format, document: this.#document, pieces }, undefined, 1);
    await writeFileAtomic(this.#pathOf(stateFile), new TextEncoder().encode(text));
  }
}

interface Move {
  readonly piece: ReadPiece;
  readonly from: number;
  readonly to: number;
}

const stateFile = "reading.json";

/** `0001.wav` of the first piece. */
function fileOf(index: number): string {
  return `${`${index + 1}`.padStart(4, "0")}.wav`;
}

/** @throws {CliError} It is no reading's, or damaged. */
async function readState(path: string): Promise<Reading> {
  const text = await readFile(path, "utf8");
  try {
    const state = JSON.parse(text) as {
      readonly format?: unknown;
      readonly document?: unknown;
      readonly pieces: Readonly<Record<string, ReadPiece>>;
    };
    const { document } = state;
    if (state.format === format && typeof document === "string") {
      const pieces = Object.entries(state.pieces).map(
        ([index, piece]) => [Number(index), checked(piece)] as const,
      );
      return { document, pieces: new Map(pieces) };
    }
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
    hash.update(ArrayBuffer.isView(part) ? bytesOf(part) : JSON.stringify(part)).update("\0");
  return hash.digest("hex").slice(0, 16);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
