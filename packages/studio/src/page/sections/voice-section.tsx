import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { addEmbeddedVoice, addFiles, removeClips } from "../actions/clips.js";
import { count, duration } from "../format.js";
import { ConfirmButton } from "../parts/confirm-button.js";
import { DropZone } from "../parts/drop-zone.js";
import { FileButton } from "../parts/file-button.js";
import { RecordButton } from "../parts/record-button.js";
import { canResume, store } from "../store.js";
import { ClipList } from "./clip-list.js";
import { Findings } from "./findings.js";

/** The clips: where they come from, what they are like, what is said in them. */
export function VoiceSection(): JSX.Element {
  const clips = store.clips.value;
  const isTraining = store.isTraining.value;
  const isBusy = store.isAdding.value || isTraining;
  const title = useRef<HTMLHeadingElement>(null);
  const before = useRef(0);
  useLayoutEffect(() => {
    const areGone = before.current > 0 && clips.length === 0;
    before.current = clips.length;
    // Focus went with the clips.
    if (areGone && document.activeElement === document.body) title.current?.focus();
  }, [clips.length]);
  return (
    <section id="voice" aria-labelledby="voice-title">
      <h2 id="voice-title" ref={title} tabIndex={-1}>
        <span class="number">1</span> The voice
      </h2>
      <p>
        Recordings of one speaker, a sentence each, with what is said in them. A few minutes are
        enough to hear a difference; twenty are better.
      </p>
      <DropZone isDisabled={isBusy} onFiles={addFiles}>
        <p class="big">Drop recordings, or a dataset’s folder</p>
        <p class="quiet">
          WAV, FLAC, MP3, Ogg, M4A; texts from metadata.csv, .txt, .srt, .jsonl and others
        </p>
        <div class="buttons">
          <FileButton label="Choose files" isDisabled={isBusy} onFiles={addFiles} />
          <FileButton label="Choose a folder" isFolder isDisabled={isBusy} onFiles={addFiles} />
          <RecordButton isDisabled={isTraining} />
          <button type="button" disabled={isBusy} onClick={addEmbeddedVoice}>
            Try it with the embedded voice
          </button>
        </div>
      </DropZone>
      {clips.length > 0 && (
        <>
          <Summary />
          <Findings />
          <ClipList />
          <div class="buttons end">
            <ConfirmButton
              label="Remove all clips"
              class="plain"
              isDisabled={isBusy}
              question="Remove all clips?"
              consequence={`${count(clips.length, "recording")} and what is said in them are deleted. What was recorded or corrected here is nowhere else, unless you have saved the voice.${canResume.value ? " The fine-tuning that has stopped cannot go on without them." : ""}`}
              onConfirm={() => removeClips(clips)}
            />
          </div>
        </>
      )}
    </section>
  );
}

function Summary(): JSX.Element {
  const { examined, examining, clips } = store;
  const share = examining.value;
  const { usable = 0, seconds = 0 } = examined.value ?? {};
  return (
    <div class="summary">
      <p role="status">
        {share !== undefined
          ? "Checking the clips …"
          : `${count(clips.value.length, "clip")}, ${usable} ready to learn from: ${duration(seconds)}`}
      </p>
      {share !== undefined && <progress aria-label="Checking the clips" max={1} value={share} />}
    </div>
  );
}
