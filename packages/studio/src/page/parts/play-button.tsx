import type { JSX } from "preact";
import { attempt } from "../actions/notices.js";
import { playing, togglePlay } from "../player.js";

interface PlayButtonProps {
  /** Tells sounds apart. */
  readonly id: string;
  /** What is played, for those who cannot see it. */
  readonly name: string;
  readonly sound: () => Promise<Blob>;
}

/** Plays a sound, and stops it. */
export function PlayButton({ id, name, sound }: PlayButtonProps): JSX.Element {
  const isPlaying = playing.value?.key === id;
  return (
    <button
      type="button"
      class="play"
      aria-label={`${isPlaying ? "Stop" : "Play"} ${name}`}
      onClick={() => attempt(() => togglePlay(id, sound))}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={isPlaying ? "M6 5h4v14H6zM14 5h4v14h-4z" : "M8 5v14l11-7z"} />
      </svg>
    </button>
  );
}
