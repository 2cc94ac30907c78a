import type { JSX } from "preact";
import { resumeTraining, startTraining, stopTraining } from "../actions/training.js";
import { count } from "../format.js";
import { ConfirmButton } from "../parts/confirm-button.js";
import { LossChart } from "../parts/loss-chart.js";
import { canResume, clipsOfRun, settings, store, usableClips } from "../store.js";
import { RunProgress } from "./run-progress.js";
import { Samples } from "./samples.js";
import { SettingsForm } from "./settings-form.js";

/** Fine-tuning: its settings, its buttons, its curve, and what can be heard meanwhile. */
export function TrainSection(): JSX.Element {
  const run = store.run.value;
  return (
    <section id="train" aria-labelledby="train-title">
      <h2 id="train-title">
        <span class="number">3</span> Fine-tune
      </h2>
      <p>
        It computes in this tab. Stop when you like, or close the page: it goes on from the last
        step that was saved.
      </p>
      <SettingsForm />
      <Controls />
      {run && (
        <>
          <RunProgress run={run} />
          <div class="training">
            <LossChart run={run} />
            <Samples run={run} />
          </div>
        </>
      )}
    </section>
  );
}

function Controls(): JSX.Element {
  const run = store.run.value;
  const isStopped = run !== undefined && canResume.value;
  const { removed, corrected } = clipsOfRun.value;
  const clips = usableClips.value.length;
  const canStart = clips > 0 && settings.value !== undefined;
  if (store.isTraining.value)
    return (
      <div class="buttons">
        <button type="button" onClick={stopTraining}>
          Stop
        </button>
      </div>
    );
  return (
    <div class="buttons">
      {isStopped && (
        <button type="button" class="primary" disabled={removed > 0} onClick={resumeTraining}>
          Go on from step {run.savedStep}
        </button>
      )}
      {run ? (
        <ConfirmButton
          label={`Start over with ${count(clips, "clip")}`}
          class={isStopped ? "" : "primary"}
          isDisabled={!canStart}
          question="Start over?"
          consequence="The last fine-tuning is deleted: its model, its samples and its curve. They are nowhere else, unless you have saved them."
          onConfirm={startTraining}
        />
      ) : (
        <button type="button" class="primary" disabled={!canStart} onClick={startTraining}>
          Fine-tune on {count(clips, "clip")}
        </button>
      )}
      {isStopped && removed + corrected > 0 && (
        <span class="quiet">
          {removed > 0
            ? `It cannot go on: of the clips that it learns from, ${removed} were removed.`
            : `It goes on with the texts that it began with; those of ${count(corrected, "clip")} were corrected since.`}
        </span>
      )}
      {clips === 0 && (
        <span class="quiet">
          {store.examining.value === undefined || store.clips.value.length === 0
            ? "Add clips with their texts first."
            : "The clips are still being checked."}
        </span>
      )}
    </div>
  );
}
