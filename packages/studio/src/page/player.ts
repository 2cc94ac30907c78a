import { signal } from "@preact/signals";

/** What is being played, and how far it is, 0 to 1; one sound at a time. */
export const playing = signal<{ readonly key: string; readonly share: number } | undefined>(
  undefined,
);

const audio = new Audio();
let url: string | undefined;
/** Counts what was asked for, to play and to stop: only the last counts. */
let requests = 0;

/** Plays a sound, or stops it if it is being played. @param key Tells sounds apart. */
export async function togglePlay(key: string, sound: () => Promise<Blob>): Promise<void> {
  const isSame = playing.value?.key === key;
  stop();
  if (isSame) return;
  const request = requests;
  playing.value = { key, share: 0 };
  try {
    const blob = await sound();
    if (request !== requests) return;
    url = URL.createObjectURL(blob);
    audio.src = url;
    await audio.play();
    follow(key, request);
  } catch (error) {
    if (request !== requests) return; // Stopping a sound that is being loaded ends it so.
    stop();
    throw error;
  }
}

function stop(): void {
  requests++;
  audio.pause();
  playing.value = undefined;
  if (url !== undefined) URL.revokeObjectURL(url);
  url = undefined;
}

function follow(key: string, request: number): void {
  if (request !== requests) return;
  if (audio.ended || audio.error) stop();
  else {
    playing.value = { key, share: audio.currentTime / (audio.duration || 1) };
    requestAnimationFrame(() => follow(key, request));
  }
}
