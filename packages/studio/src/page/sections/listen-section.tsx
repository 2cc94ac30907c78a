import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { speakText } from "../actions/speech.js";
import { Field } from "../parts/field.js";
import { NumberInput } from "../parts/number-input.js";
import { SoundCard } from "../parts/sound-card.js";
import { hasModel, store, usableClips } from "../store.js";
import { Comparison } from "./comparison.js";

/** Before and after beside each other, and any other text. */
export function ListenSection(): JSX.Element {
  return (
    <section id="listen" aria-labelledby="listen-title">
      <h2 id="listen-title">
        <span class="number">4</span> Listen
      </h2>
      <Comparison />
      <SpeakForm />
      <div class="spoken">
        {store.spoken.value.map((speech) => (
          <SoundCard
            key={speech.file}
            title={`“${speech.text}”`}
            note={speech.step > 0 ? "fine-tuned" : "the base"}
            speech={speech}
          />
        ))}
      </div>
    </section>
  );
}

function SpeakForm(): JSX.Element {
  const [text, setText] = useState("The water in the bay is warm.");
  const [seed, setSeed] = useState(0);
  const [isBase, setBase] = useState(false);
  const share = store.speaking.value;
  const canSpeak =
    !store.isTraining.value &&
    share === undefined &&
    (hasModel.value || usableClips.value.length > 0);
  const submit = (event: Event): void => {
    event.preventDefault();
    speakText({ text, seed, model: isBase || !hasModel.value ? "base" : "trained" });
  };
  return (
    <form class="card speak" onSubmit={submit}>
      <h3>Say something</h3>
      <Field label="Text">
        {(ids) => (
          <textarea
            {...ids}
            rows={2}
            required
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </Field>
      <div class="row">
        <Field label="Model">
          {(ids) => (
            <select
              {...ids}
              value={isBase || !hasModel.value ? "base" : "trained"}
              onChange={({ currentTarget }) => setBase(currentTarget.value === "base")}
            >
              <option value="trained" disabled={!hasModel.value}>
                Fine-tuned
              </option>
              <option value="base">The base</option>
            </select>
          )}
        </Field>
        <Field label="Seed">
          {(ids) => (
            <NumberInput
              {...ids}
              min={0}
              step={1}
              value={seed}
              onNumber={(value = 0) => setSeed(value)}
            />
          )}
        </Field>
        <button type="submit" class="primary" disabled={!canSpeak}>
          Speak
        </button>
      </div>
      {share !== undefined && <progress aria-label="Speaking" max={1} value={share} />}
      {store.isTraining.value && (
        <p class="quiet">It speaks your texts when the fine-tuning has ended or is stopped.</p>
      )}
    </form>
  );
}
