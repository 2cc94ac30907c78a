import type { JSX } from "preact";
import type { Speech } from "../../run/run.js";
import { SoundCard } from "../parts/sound-card.js";
import { store } from "../store.js";

const notes = {
  recording: ["Recording", "the voice itself"],
  before: ["Before", "the base"],
  after: ["After", "fine-tuned"],
} as const;

/** The same sentence as it was recorded, from the base, and from the fine-tuned model. */
export function Comparison(): JSX.Element {
  const speeches = store.run.value?.speeches ?? [];
  const shown = (["recording", "before", "after"] as const).flatMap(
    (kind) => speeches.find((speech) => speech.kind === kind) ?? [],
  );
  if (shown.length === 0)
    return (
      <p class="quiet">
        Before and after will be here, beside the recording, once you have fine-tuned.
      </p>
    );
  return (
    <>
      <p>
        “{shown[0]?.text}”{" "}
        <span class="quiet">
          A sentence that is kept out of training, where there are clips enough.
        </span>
      </p>
      <div class="comparison">
        {shown.map((speech) => {
          const [title, note] = notes[speech.kind as keyof typeof notes];
          return (
            <SoundCard
              key={speech.file + speech.kind}
              title={title}
              note={note}
              speech={speech satisfies Speech}
            />
          );
        })}
      </div>
    </>
  );
}
