import type { JSX } from "preact";
import type { Run } from "../../run/run.js";
import { SoundCard } from "../parts/sound-card.js";

/** What the model says as it learns, the latest first. */
export function Samples({ run }: { readonly run: Run }): JSX.Element | null {
  const samples = run.speeches
    .filter(({ kind }) => kind === "sample" || kind === "before")
    .toReversed();
  if (samples.length === 0) return null;
  return (
    <div class="samples">
      <h3>Samples as they come</h3>
      <p class="quiet">“{samples[0]?.text}”</p>
      {samples.map((speech) => (
        <SoundCard
          key={speech.file}
          title={speech.step === 0 ? "Before" : `After step ${speech.step}`}
          note={speech.step === 0 ? "the base" : "on its way"}
          speech={speech}
        />
      ))}
    </div>
  );
}
