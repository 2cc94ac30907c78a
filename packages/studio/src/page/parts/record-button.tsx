import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { addRecording } from "../actions/clips.js";
import { attempt } from "../actions/notices.js";
import { type Recording, startRecording } from "../recorder.js";
import { sentences } from "../sentences.js";
import { store } from "../store.js";

/** Records sentence after sentence: each is shown, read aloud, and becomes a clip with its text. */
export function RecordButton({ isDisabled }: { readonly isDisabled: boolean }): JSX.Element {
  const recording = useRef<Recording>(undefined);
  const [state, setState] = useState<"idle" | "starting" | "recording">("idle");
  const [level, setLevel] = useState(0);
  const sentence = nextSentence();
  const isRecording = state === "recording";

  const start = async (): Promise<void> => {
    if (state === "starting") return; // The browser still asks whether it may.
    setState("starting");
    const isStarted = await attempt(async () => {
      recording.current = await startRecording(setLevel);
    });
    setState(isStarted ? "recording" : "idle");
  };
  const end = (): Promise<boolean> =>
    attempt(async () => {
      setState("idle");
      const wav = await recording.current?.end();
      if (wav) await addRecording(wav, sentence);
    });
  return (
    <>
      <button
        type="button"
        class={isRecording ? "recording" : ""}
        disabled={isDisabled && !isRecording}
        onClick={isRecording ? end : start}
      >
        {isRecording ? "Stop and keep" : "Record a sentence"}
      </button>
      {isRecording && (
        <div class="prompt">
          <p role="status">Read aloud: “{sentence}”</p>
          <meter aria-label="Loudness" min={0} low={0.05} high={0.95} max={1} value={level} />
        </div>
      )}
    </>
  );
}

/** One that no clip says yet. */
function nextSentence(): string {
  const said = new Set(store.clips.value.map(({ text }) => text));
  return sentences.find((sentence) => !said.has(sentence)) ?? (sentences[0] as string);
}
