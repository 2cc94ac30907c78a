import { encodeWav } from "@hawksbill/audio";
import type { GivenFile } from "../clips.js";

/** What phones record, and only browsers can read. */
const browserOnly = /\.(m4a|mp4|aac|webm|mov)$/i;

/** The files as the workers can read them: recordings that only the browser decodes become WAV. */
export function readableFiles(given: readonly GivenFile[]): Promise<GivenFile[]> {
  return Promise.all(
    given.map(async ({ path, file }) =>
      browserOnly.test(path)
        ? { path: path.replace(browserOnly, ".wav"), file: await asWav(file, path) }
        : { path, file },
    ),
  );
}

async function asWav(file: Blob, path: string): Promise<Blob> {
  const context = new OfflineAudioContext(1, 1, 48_000);
  const audio = await context.decodeAudioData(await file.arrayBuffer()).catch((cause: unknown) => {
    throw new Error(`${path}: this browser cannot read it; save it as WAV, FLAC or MP3`, { cause });
  });
  const channels = Array.from({ length: audio.numberOfChannels }, (_, i) =>
    audio.getChannelData(i),
  );
  return wavBlob({ channels, sampleRateHz: audio.sampleRate });
}

/** Sound as the bytes of a WAV file. */
export function wavBlob(audio: Parameters<typeof encodeWav>[0]): Blob {
  return new Blob([encodeWav(audio) as Uint8Array<ArrayBuffer>], { type: "audio/wav" });
}
