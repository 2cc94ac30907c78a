import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { addRecording } from "../actions/clips.js";
import { attempt } from "../actions/notices.js";
import { type Recording, startRecording } from "../recorder.js";
import { nextSentence } from "../sentences.js";
import { store } from "../store.js";

/** Records sentence after sentence: each is shown, read aloud, and becomes a clip with its text. */
export function RecordButton({ isDisabled }: { readonly isDisabled: boolean }): JSX.Element {
  const id = useId();
  const recording = useRef<Recording>(undefined);
  /** What is being read; other clips may come meanwhile. */
  const [read, setRead] = useState<string>();
  const [level, setLevel] = useState(0);
  const isRecording = store.recorder.value === "recording";
  const isAdding = store.isAdding.value;
  const sentence = read ?? nextSentence(store.clips.value.map(({ text }) => text));

  const start = async (): Promise<void> => {
    if (store.recorder.value === "changing" || isAdding) return;
    store.recorder.value = "changing";
    setRead(sentence);
    const isStarted = await attempt(async () => {
      recording.current = await startRecording(setLevel);
    });
    store.recorder.value = isStarted ? "recording" : "idle";
    if (!isStarted) setRead(undefined);
  };
  const end = (): Promise<boolean> =>
    attempt(async () => {
      store.recorder.value = "changing";
      const wav = await recording.current?.end().finally(() => {
        store.recorder.value = "idle";
        setRead(undefined);
      });
      if (wav) await addRecording(wav, sentence);
    });
  return (
    <>
      <button
        type="button"
        class={isRecording ? "recording" : ""}
        disabled={isDisabled && !isRecording}
        aria-disabled={isAdding && !isRecording} // Disabled, it would lose the focus after each sentence.
        aria-describedby={id}
        onClick={isRecording ? end : start}
      >
        {isRecording ? "Stop and keep" : "Record a sentence"}
      </button>
      <div class="prompt">
        {/* Told as it changes, which is never while the microphone listens. */}
        <p id={id} role="status" class={isRecording ? "big" : "quiet"}>
          To be read aloud: “{sentence}”
        </p>
        {isRecording && (
          <meter aria-label="Loudness" min={0} low={0.05} high={0.95} max={1} value={level} />
        )}
      </div>
    </>
  );
}
