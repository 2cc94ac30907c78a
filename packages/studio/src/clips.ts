import type { FaultName } from "@hawksbill/dataset";

/** A recording and what is said in it. */
export interface Clip {
  /** Its file in the studio's folder, without the extension. */
  readonly id: string;
  /** What people call it: the name of the file that it came from. */
  readonly name: string;
  /** Where its sound is, seen from the studio's folder. */
  readonly file: string;
  readonly text: string;
  /** Whether it is to be learnt from. */
  readonly isUsed: boolean;
}

/** What is wrong with a clip, or with all of them. */
export interface Finding {
  readonly fault: FaultName;
  /** What kind of thing it is, as a heading. */
  readonly title: string;
  /** Without a stop at its end. */
  readonly reason: string;
  readonly advice: string;
  /** Whether the clip cannot be learnt from. */
  readonly isFatal: boolean;
}

/** What the examination says of one clip. */
export interface ClipFacts {
  /** 0 where the sound cannot be read. */
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

/** What the examination says. */
export interface Examined {
  /** By the clips' ids. */
  readonly clips: Readonly<Record<string, ClipFacts>>;
  /** What is doubtful about the whole. */
  readonly whole: readonly Finding[];
  /** Of the clips that can be learnt from. */
  readonly seconds: number;
  readonly usable: number;
  /** Tokens of the longest text. */
  readonly longestText: number;
  readonly longestSeconds: number;
}

/** A clip to look at. */
export interface ClipPicture {
  /** The lowest and the highest sample of each part of the clip, in turn. */
  readonly wave: Float32Array; // [parts, 2]
  readonly mel: MelPicture;
  readonly seconds: number;
}

/** A mel spectrogram as pixels: time to the right, low bands at the bottom. */
export interface MelPicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>; // [height, width, 4]
}

/** A file that was dropped or chosen, and where it was in its folder. */
export interface GivenFile {
  readonly path: string;
  readonly file: Blob;
}
