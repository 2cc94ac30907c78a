import type { ComponentChildren, JSX } from "preact";
import type { BaseName } from "../../settings.js";
import { chooseBase, chooseBaseFiles } from "../actions/base.js";
import { duration, millions } from "../format.js";
import { FileButton } from "../parts/file-button.js";
import { store } from "../store.js";

/** The model to begin with. */
export function BaseSection(): JSX.Element {
  const { base } = store;
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
        <BaseChoice
          base="embedded"
          title="The small base, embedded"
          about="Speaks English sentences of 2 to 12 words, unclearly"
        />
        <BaseChoice
          base="own"
          title="My own files"
          about="tokenizer.json, dvae.safetensors and unified-voice.safetensors, as fine-tuning writes them"
        >
          <FileButton
            label="Choose the three files"
            accept=".json,.safetensors"
            isDisabled={isLocked}
            onFiles={chooseBaseFiles}
          />
        </BaseChoice>
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

interface BaseChoiceProps {
  readonly base: BaseName;
  readonly title: string;
  readonly about: string;
  /** Beside the label, whose clicks choose the base. */
  readonly children?: ComponentChildren;
}

function BaseChoice({ base, title, about, children }: BaseChoiceProps): JSX.Element {
  return (
    <div class="choice">
      <label>
        <input
          type="radio"
          name="base"
          checked={store.baseName.value === base}
          onChange={() => chooseBase(base)}
        />
        <span>
          <strong>{title}</strong>
          <small>{about}</small>
        </span>
      </label>
      {children}
    </div>
  );
}
