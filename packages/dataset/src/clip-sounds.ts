import type { Audio } from "@hawksbill/audio";
import type { ClipEntry } from "./clip-entry.js";
import { DatasetError } from "./dataset-error.js";
import { clipDecoder } from "./decode-clip.js";
import type { Files } from "./files.js";
import { mixDown } from "./mix-down.js";
import { problemText } from "./problem.js";
import { problemWith } from "./read-sounds.js";

/**
 * Reads the sound of some clips of `readClips`, as training hears them, where the whole dataset is not wanted.
 *
 * @returns A function that gives a clip's sound, mono at its file's rate. It throws `DatasetError` if the file is
 *   missing or damaged.
 */
export function clipSounds(files: Files): (entry: ClipEntry) => Promise<Audio> {
  const decode = clipDecoder(files);
  return async (entry) => {
    try {
      return mixDown(await decode(entry));
    } catch (cause) {
      const problem = problemWith(entry, cause);
      const message = `${files.name}: ${problemText(problem)}`;
      throw new DatasetError(message, { problems: [problem], cause });
    }
  };
}
