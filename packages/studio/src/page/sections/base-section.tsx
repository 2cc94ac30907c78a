import type { JSX } from "preact";
import { chooseBase, chooseBaseFiles } from "../actions/base.js";
import { duration, millions } from "../format.js";
import { FileButton } from "../parts/file-button.js";
import { store } from "../store.js";

/** The model to begin with. */
export function BaseSection(): JSX.Element {
  const { base, baseName } = store;
  const isLocked = store.isTraining.value;
  return (
    <section id="base" aria-labelledby="base-title">
      <h2 id="base-title">
        <span class="number">2</span> The base
      </h2>
      <p>
        The model that learns the voice. The small one is a toy that shows how it works, in minutes.
      </p>
      <fieldset class="choices" disabled={isLocked}>
        <legend class="hidden">Base</legend>
        <div class="choice">
          <label>
            <input
              type="radio"
              name="base"
              checked={baseName.value === "embedded"}
              onChange={() => chooseBase("embedded")}
            />
            <span>
              <strong>The small base, embedded</strong>
              <small>Speaks English sentences of 2 to 12 words, unclearly</small>
            </span>
          </label>
        </div>
        <div class="choice">
          <label>
            <input
              type="radio"
              name="base"
              checked={baseName.value === "own"}
              onChange={() => chooseBase("own")}
            />
            <span>
              <strong>My own files</strong>
              <small>
                tokenizer.json, dvae.safetensors and unified-voice.safetensors, as fine-tuning
                writes them
              </small>
            </span>
          </label>
          <FileButton
            label="Choose the three files"
            accept=".json,.safetensors"
            isDisabled={isLocked}
            onFiles={chooseBaseFiles}
          />
        </div>
      </fieldset>
      {base.value && (
        <p class="quiet">
          {millions(base.value.parameters)} weights in {base.value.layers} layers of{" "}
          {base.value.width}; clips of up to {duration(base.value.maximumSeconds)}.
        </p>
      )}
    </section>
  );
}
