import type { JSX } from "preact";
import { dismissNotice } from "./actions/notices.js";
import { BaseSection } from "./sections/base-section.js";
import { ListenSection } from "./sections/listen-section.js";
import { TakeSection } from "./sections/take-section.js";
import { TrainSection } from "./sections/train-section.js";
import { VoiceSection } from "./sections/voice-section.js";
import { store } from "./store.js";

const ready = "It is ready to be used without a network.";
const offlineTexts = {
  waiting: "It is being kept for use without a network …",
  ready:
    "gpu" in navigator
      ? `${ready} What the graphics processor needs is kept once it was used.`
      : ready,
  failed: "It could not be kept for use without a network.",
} as const;

/** The page. */
export function App(): JSX.Element {
  return (
    <>
      <header class="top">
        <div>
          <h1>Hawksbill Studio</h1>
          <p>Teach a model a voice, and let it speak. Here, in this tab.</p>
        </div>
        <p class="promise">
          <strong>Nothing is uploaded.</strong> Your recordings, texts and models stay in this
          browser; the page may talk to no other address than its own.
          <span class="quiet"> {offlineTexts[store.offline.value]}</span>
        </p>
        <nav aria-label="Steps">
          <a href="#voice">Voice</a>
          <a href="#base">Base</a>
          <a href="#train">Fine-tune</a>
          <a href="#listen">Listen</a>
          <a href="#take">Take away</a>
        </nav>
      </header>
      <main aria-busy={!store.isOpen.value}>
        <VoiceSection />
        <BaseSection />
        <TrainSection />
        <ListenSection />
        <TakeSection />
      </main>
      <footer>
        <p>
          Only teach it the voice of someone who has agreed. Say so when you share speech that was
          made here.
        </p>
      </footer>
      <Notice />
    </>
  );
}

function Notice(): JSX.Element {
  const notice = store.notice.value;
  return (
    <div class="notices" role="alert">
      {notice && (
        <p class={`notice ${notice.kind}`}>
          {notice.text}
          <button type="button" class="plain" aria-label="Dismiss" onClick={dismissNotice}>
            ×
          </button>
        </p>
      )}
    </div>
  );
}
