import type { JSX } from "preact";
import type { Settings } from "../../settings.js";
import { choose, setRank } from "../actions/base.js";
import { Field } from "../parts/field.js";
import { NumberInput } from "../parts/number-input.js";
import { canResume, type NumberSetting, store, usableClips } from "../store.js";

/** The numbers of a fine-tuning, each with its reason; the suggested ones may stay. */
export function SettingsForm(): JSX.Element {
  const memory = store.suggestions.value?.memoryMB;
  return (
    <details class="settings card">
      <summary>Settings</summary>
      <fieldset disabled={store.isTraining.value}>
        <legend class="hidden">Settings of the fine-tuning</legend>
        {canResume.value && (
          <p class="quiet">
            What has stopped goes on with “Computes on” and “Clips a step” as they are here. All
            else is for a fine-tuning that starts over.
          </p>
        )}
        <Field
          label="What is trained"
          why="An adapter is a small file beside the base, and takes less memory."
        >
          {(ids) => (
            <select
              {...ids}
              value={store.rank.value}
              onChange={({ currentTarget }) => setRank(Number(currentTarget.value))}
            >
              <option value={0}>All weights</option>
              <option value={8}>An adapter of rank 8</option>
              <option value={16}>An adapter of rank 16</option>
              <option value={32}>An adapter of rank 32</option>
            </select>
          )}
        </Field>
        <Field
          label="Computes on"
          why="A graphics processor is faster where the browser offers one."
        >
          {(ids) => (
            <select
              {...ids}
              value={store.device.value}
              onChange={({ currentTarget }) => {
                store.device.value = currentTarget.value as Settings["device"];
              }}
            >
              <option value="auto">What is best here</option>
              <option value="webgpu">The graphics processor (WebGPU)</option>
              <option value="wasm">The processor (WebAssembly)</option>
            </select>
          )}
        </Field>
        <NumberField name="steps" label="Steps" min={1} step={1} />
        <NumberField name="batchSize" label="Clips a step" min={1} step={1} />
        <NumberField name="learningRate" label="Learning rate" min={1e-9} step="any" />
        <NumberField name="listenEvery" label="Steps between samples" min={1} step={1} />
        <NumberField name="decoderSteps" label="Steps of fitting the decoder" min={0} step={1} />
        {memory && usableClips.value.length > 0 && (
          <p class="quiet">
            Memory: about {memory.value} MB. {memory.why}
          </p>
        )}
      </fieldset>
    </details>
  );
}

interface NumberFieldProps {
  readonly name: NumberSetting;
  readonly label: string;
  readonly min: number;
  readonly step: number | "any";
}

function NumberField({ name, label, min, step }: NumberFieldProps): JSX.Element {
  const suggestion = store.suggestions.value?.[name];
  const chosen = store.choices.value[name];
  const why =
    chosen === undefined ? suggestion?.why : suggestion && `Suggested: ${suggestion.value}.`;
  return (
    <Field label={label} why={why}>
      {(ids) => (
        <NumberInput
          {...ids}
          min={min}
          step={step}
          value={chosen ?? suggestion?.value}
          onNumber={(value) => choose(name, value)}
        />
      )}
    </Field>
  );
}
