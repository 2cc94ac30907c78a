import { signal } from "@preact/signals";

/** What is being played, and how far it is, 0 to 1; one sound at a time. */
export const playing = signal<{ readonly key: string; readonly share: number } | undefined>(
  undefined,
);

const audio = new Audio();
let url: string | undefined;

/** Plays a sound, or stops it if it is being played. @param key Tells sounds apart. */
export async function togglePlay(key: string, sound: () => Promise<Blob>): Promise<void> {
  const isSame = playing.value?.key === key;
  stop();
  if (isSame) return;
  playing.value = { key, share: 0 };
  const blob = await sound();
  if (playing.value?.key !== key) return; // Another one was asked for meanwhile.
  url = URL.createObjectURL(blob);
  audio.src = url;
  await audio.play();
  follow(key);
}

function stop(): void {
  audio.pause();
  playing.value = undefined;
  if (url !== undefined) URL.revokeObjectURL(url);
  url = undefined;
}

function follow(key: string): void {
  if (playing.value?.key !== key) return;
  if (audio.ended) stop();
  else {
    playing.value = { key, share: audio.currentTime / (audio.duration || 1) };
    requestAnimationFrame(() => follow(key));
  }
}
