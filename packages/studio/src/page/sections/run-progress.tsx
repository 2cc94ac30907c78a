import type { JSX } from "preact";
import type { Run, RunPart } from "../../run/run.js";
import { duration } from "../format.js";

/** How far a fine-tuning is, in words and as a bar. Only what it does is told by itself: its numbers change each step. */
export function RunProgress({ run }: { readonly run: Run }): JSX.Element {
  const { etaSeconds, warnings, message } = run;
  const isRunning = run.state === "running";
  return (
    <div class="progress">
      <p>
        <strong role="status">{headline(run)}</strong>
        {isRunning && steps(run)}
        {run.device !== undefined && isRunning && <span class="quiet"> on {run.device.name}</span>}
        {etaSeconds !== undefined && <span class="quiet">, {duration(etaSeconds)} left</span>}
      </p>
      {run.device?.why !== undefined && isRunning && (
        <p class="quiet">What is best here: {run.device.why}.</p>
      )}
      {isRunning && <progress aria-label={headline(run)} max={1} value={run.share} />}
      {message !== undefined && <p class="fatal">{message}</p>}
      {warnings.map((warning) => (
        <p key={warning} class="doubt">
          {warning}
        </p>
      ))}
    </div>
  );
}

function headline({ state, part, step, settings }: Run): string {
  if (state === "done") return `Done: ${settings.steps} steps`;
  if (state === "failed") return `Failed after step ${step}`;
  if (state === "stopped") return `Stopped after step ${step} of ${settings.steps}`;
  return headlines[part];
}

const headlines: Readonly<Record<RunPart, string>> = {
  preparing: "Getting ready",
  listening: "Listening to the clips",
  training: "Training",
  decoder: "Fitting the sound",
  speaking: "Speaking",
  saving: "Saving",
};

function steps({ part, step, decoderStep, settings }: Run): string {
  if (part === "training") return `, step ${step} of ${settings.steps}`;
  if (part === "decoder") return `, step ${decoderStep} of ${settings.decoderSteps}`;
  if (part === "speaking") return `, after step ${step}`;
  return "";
}
