import { encodeWav } from "@hawksbill/audio";
import { allPaths, DatasetError, type Files, openDataset, readClips } from "@hawksbill/dataset";

/** A recording that was found among files, with its text if there is one. */
export interface FoundClip {
  readonly name: string;
  readonly text: string;
  /** Of its file, e.g. "flac". */
  readonly extension: string;
  bytes(): Promise<Uint8Array>;
}

const audioName = /\.(wav|flac|mp3|ogg|oga|opus)$/i;

/** Finds the recordings among files, in any format of `readClips`, and those without a text. */
export async function findClips(files: Files): Promise<FoundClip[]> {
  const { clips } = await readClips(files).catch((error: unknown) => {
    if (error instanceof DatasetError) return { clips: [] }; // No list, no texts: they can be written here.
    throw error;
  });
  const listed = new Set(clips.map(({ path }) => path));
  const paths = (await allPaths(files)).filter((path) => audioName.test(path));
  return [
    ...(clips.some(({ span }) => span) ? await cutClips(files) : []),
    ...clips.filter(({ span }) => !span).map(({ path, text }) => wholeFile(files, path, text)),
    ...paths.filter((path) => !listed.has(path)).map((path) => wholeFile(files, path, "")),
  ];
}

function wholeFile(files: Files, path: string, text: string): FoundClip {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const bytes = async (): Promise<Uint8Array> => (await files.read(path)) ?? new Uint8Array();
  return { name: nameOf(path), text, extension, bytes };
}

/** The parts of long recordings, cut in the pauses. What is wrong with a text is seen later. */
async function cutClips(files: Files): Promise<FoundClip[]> {
  const { clips, read } = await openDataset(files, {
    tokenizer: { clean: (text) => text, encode: () => [0] },
    minimumSeconds: 0,
    maximumSeconds: Infinity,
  });
  return clips
    .filter(({ span }) => span)
    .map((clip) => ({
      name: nameOf(clip.id),
      text: clip.text,
      extension: "wav",
      bytes: async () => encodeWav({ samples: (await read(clip)).samples, sampleRateHz: 22_050 }),
    }));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
}
