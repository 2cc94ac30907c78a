import type { ComponentChildren, JSX } from "preact";
import type { Speech } from "../../run/run.js";
import { downloadSpeech } from "../actions/speech.js";
import { duration } from "../format.js";
import { modelWorker } from "../workers.js";
import { Mel } from "./mel.js";
import { PlayButton } from "./play-button.js";
import { usePicture } from "./use-picture.js";
import { Wave } from "./wave.js";

interface SoundCardProps {
  readonly title: string;
  readonly note: string;
  readonly speech: Speech;
  /** Shown below. */
  readonly children?: ComponentChildren;
}

/** Something that was spoken, to hear and to see. */
export function SoundCard({ title, note, speech, children }: SoundCardProps): JSX.Element {
  const { file, seconds, stopped } = speech;
  const { place, picture } = usePicture<HTMLElement>(file, () => modelWorker.picture(file));
  return (
    <article class="sound card" ref={place}>
      <header>
        <PlayButton id={file} name={title} sound={() => modelWorker.sound(file)} />
        <div>
          <h3>{title}</h3>
          <p class="quiet">
            {note}, {duration(seconds)}
            {!stopped && ", cut at the longest"}
          </p>
        </div>
        <button
          type="button"
          class="plain"
          aria-label={`Save ${title} as a file`}
          onClick={() => downloadSpeech(file, file.replaceAll("/", "-"))}
        >
          Save
        </button>
      </header>
      <div class="pictures">
        {picture && <Wave wave={picture.wave} id={file} />}
        {picture && <Mel mel={picture.mel} name={title} />}
      </div>
      {children}
    </article>
  );
}
