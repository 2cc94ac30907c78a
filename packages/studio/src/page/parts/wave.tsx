import type { JSX } from "preact";
import { playing } from "../player.js";

interface WaveProps {
  /** The lowest and the highest sample of each part. */
  readonly wave: Float32Array; // [parts, 2]
  /** Of the sound, as the player knows it. */
  readonly id: string;
}

/** A waveform, with a line where it is being played. */
export function Wave({ wave, id }: WaveProps): JSX.Element {
  const parts = wave.length / 2;
  const share = playing.value?.key === id ? playing.value.share : undefined;
  return (
    <svg class="wave" viewBox={`0 0 ${parts} 100`} preserveAspectRatio="none" aria-hidden="true">
      <path d={outline(wave)} />
      {share !== undefined && <rect class="head" x={share * parts} y="0" width="2" height="100" />}
    </svg>
  );
}

/** The upper edge to the right, and the lower one back; as tall as the loudest sample. */
function outline(wave: Float32Array): string {
  const parts = wave.length / 2;
  const peak = wave.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
  const point = (part: number, edge: 0 | 1): string => {
    const y = 50 - 48 * ((wave[2 * part + edge] ?? 0) / peak);
    return `${part} ${y.toFixed(1)}`;
  };
  const across = Array.from({ length: parts }, (_, part) => part);
  const top = across.map((part) => point(part, 1));
  const bottom = across.toReversed().map((part) => point(part, 0));
  return `M${[...top, ...bottom].join("L")}Z`;
}
