import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { MelPicture } from "../../clips.js";

interface MelProps {
  readonly mel: MelPicture;
  readonly name: string;
}

/** A mel spectrogram: time to the right, high tones above. */
export function Mel({ mel, name }: MelProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { width, height, rgba } = mel;
    canvas.current?.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [mel]);
  return (
    <canvas
      class="mel"
      ref={canvas}
      width={mel.width}
      height={mel.height}
      role="img"
      aria-label={`Mel spectrogram of ${name}`}
    />
  );
}
