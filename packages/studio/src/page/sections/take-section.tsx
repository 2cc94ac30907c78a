import type { JSX } from "preact";
import { downloadAdapter, downloadModel, downloadVoice } from "../actions/speech.js";
import { hasModel, store } from "../store.js";

/** What people take with them. */
export function TakeSection(): JSX.Element {
  const run = store.run.value;
  const isAdapter = (run?.settings.rank ?? 0) > 0;
  return (
    <section id="take" aria-labelledby="take-title">
      <h2 id="take-title">
        <span class="number">5</span> Take it with you
      </h2>
      <p>Files that Hawksbill’s commands and packages read, on your own machine.</p>
      <ul class="files">
        <li class="card">
          <h3>The checkpoint</h3>
          <p>
            model.zip: the fine-tuned model. Unpack it and the voice into folders of their names,
            then <code>npx hawksbill say "Hello." --model model --voice voice --out hello.wav</code>
          </p>
          <button type="button" disabled={!hasModel.value} onClick={downloadModel}>
            Save the checkpoint
          </button>
        </li>
        <li class="card">
          <h3>The adapter</h3>
          <p>
            adapter.safetensors: what was learnt, small, for the same base. Only where an adapter
            was trained.
          </p>
          <button type="button" disabled={!hasModel.value || !isAdapter} onClick={downloadAdapter}>
            Save the adapter
          </button>
        </li>
        <li class="card">
          <h3>The voice</h3>
          <p>
            voice.zip: your clips and corrected texts, those that are not ticked in left-out/.
            Unpack it into a folder voice, then{" "}
            <code>npx hawksbill finetune --dataset voice --out my-run</code>
          </p>
          <button type="button" disabled={store.clips.value.length === 0} onClick={downloadVoice}>
            Save the voice
          </button>
        </li>
      </ul>
    </section>
  );
}
