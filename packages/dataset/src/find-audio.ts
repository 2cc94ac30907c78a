import type { Files } from "./files.js";

/** Kinds of audio that can be decoded, the likeliest first, by the ends of their names. */
const decoded = [".wav", ".flac", ".mp3", ".ogg", ".opus", ".oga", ".ogg.wav"];

/** Kinds that cannot: they are found all the same, so that who has them learns what to do. */
const others = [
  ...[".m4a", ".m4b", ".mp4", ".aac", ".wma", ".aiff", ".aif"],
  ...[".webm", ".amr", ".caf", ".ape", ".wv", ".mka"],
];

const extensions = [...decoded, ...others];

/** Where LJSpeech keeps its clips. */
export const audioFolder = "wavs";

/** Whether a file's name is an audio file's. */
export function isAudioName(name: string): boolean {
  return extensions.some((extension) => name.toLowerCase().endsWith(extension));
}

/** Whether a file's name is that of audio that can be decoded. */
export function isDecodedName(name: string): boolean {
  return decoded.some((extension) => name.toLowerCase().endsWith(extension));
}

/** A path without the audio folder and the extension: `wavs/a/1.wav` is `a/1`. */
export function clipId(path: string): string {
  const folder = [audioFolder, "clips"].find((name) => path.startsWith(`${name}/`));
  return stem(path.slice(folder === undefined ? 0 : folder.length + 1));
}

/** A path without the extension of audio. */
export function stem(path: string): string {
  return isAudioName(path) ? path.slice(0, path.lastIndexOf(".")) : path;
}

/** A path as this package writes it: "/" between parts, nothing before the first. */
export function tidyPath(written: string): string {
  return written
    .trim()
    .replaceAll("\\", "/")
    .replace(/^(\.\/)+/, "");
}

/** Whether a path from a metadata file stays inside the folder. */
export function staysInside(path: string): boolean {
  const parts = path.split("/");
  return !/^(\/|[a-z]:)|\0/i.test(path) && !parts.includes("..");
}

/** Where lists of all kinds keep their clips, as seen from the list: LJSpeech, Common Voice, mrq, VoxPopuli. */
const folders = [`${audioFolder}/`, "clips/", "audio/", ""];

/**
 * Where a clip's audio may be, the likeliest first: `a` is wavs/a.wav, `sub/a.flac` is where it says.
 *
 * @param base The folder of the list, "" or with "/" at its end.
 */
export function audioPaths(name: string, base = ""): string[] {
  const year = /^(\d{4})\d{4}-\d/.exec(name)?.[1]; // VoxPopuli has a folder for each.
  const byForm = name.includes("/") ? folders.toReversed() : folders;
  const likely = year === undefined ? byForm : [`${year}/`, ...byForm];
  const ends = isAudioName(name) ? [""] : extensions;
  return ends.flatMap((end) => likely.map((folder) => base + folder + name + end));
}

/**
 * Looks for files by name, regardless of upper and lower case and of how accents are composed: macOS
 * and Windows find such files, so datasets made there rely on it.
 *
 * @returns A function that gives the path of the first file that exists, as it is written on the disk.
 */
export function fileFinder(
  files: Files,
): (paths: readonly string[]) => Promise<string | undefined> {
  const folders = new Map<string, Promise<Map<string, string>>>();
  const namesIn = (folder: string): Promise<Map<string, string>> => {
    const known = folders.get(folder) ?? files.list(folder).then(byLooseName);
    folders.set(folder, known);
    return known;
  };
  return async (paths) => {
    for (const path of paths) {
      const slash = path.lastIndexOf("/");
      const names = await namesIn(path.slice(0, Math.max(slash, 0)));
      const name = path.slice(slash + 1);
      const found = names.get(name) ?? names.get(loose(name));
      if (found !== undefined) return path.slice(0, slash + 1) + found;
    }
    return undefined;
  };
}

/** Names by their loose form, and by themselves where two differ only in case. */
function byLooseName(names: readonly string[]): Map<string, string> {
  return new Map([
    ...names.map((name): [string, string] => [loose(name), name]),
    ...names.map((name): [string, string] => [name, name]),
  ]);
}

function loose(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
