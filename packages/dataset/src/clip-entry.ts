/** A clip that a dataset lists and whose file is there; nothing has been decoded yet. */
export interface ClipEntry {
  /** Its name, e.g. "LJ001-0001". */
  readonly id: string;
  /** Its audio file, as seen from the dataset's folder. */
  readonly path: string;
  readonly text: string;
  /** The file that lists it, as seen from the dataset's folder. */
  readonly list: string;
  /** The line of that file, counted from 1. */
  readonly line: number;
  readonly speaker?: string;
  readonly language?: string;
  /** Which part the dataset's makers put it into; what is held out should not be trained on. */
  readonly split?: Split;
  /** The part of the file that it is; all of it where nothing is said. */
  readonly span?: Span;
}

/** To be learnt from, or to be measured with. */
export type Split = "training" | "heldOut";

/** A part of a recording. */
export interface Span {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Whether its ends are a guess, to be moved into the pauses beside them. */
  readonly isRough?: boolean;
}
