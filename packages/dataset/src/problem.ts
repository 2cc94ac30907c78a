/** Why one line of a dataset, or one of its files, gives no clip. */
export interface Problem {
  /** The clip's name, or "" where the line gives none. */
  readonly id: string;
  /** The file at fault, as seen from the dataset's folder. */
  readonly path: string;
  /** The line of metadata.csv, counted from 1; 0 for a file that no line names. */
  readonly line: number;
  /** What is wrong. */
  readonly reason: string;
  /** What to do. */
  readonly advice: string;
}

/** A problem in one line: `metadata.csv:3: wavs/a.wav is missing; …`. */
export function problemText({ path, line, reason, advice }: Problem): string {
  const place = line === 0 ? path : `${metadataPath}:${line}`;
  const subject = line === 0 || path === metadataPath ? "" : `${path} `;
  return `${place}: ${subject}${reason}; ${advice}`;
}

/** The list of clips, in the LJSpeech layout. */
export const metadataPath = "metadata.csv";
