import type { JSX } from "preact";
import type { Run } from "../../run/run.js";
import { duration } from "../format.js";

/** How far a fine-tuning is, in words and as a bar. */
export function RunProgress({ run }: { readonly run: Run }): JSX.Element {
  const { etaSeconds, warnings, message } = run;
  const isRunning = run.state === "running";
  return (
    <div class="progress">
      <p role="status">
        <strong>{headline(run)}</strong>
        {run.device !== undefined && isRunning && <span class="quiet"> on {run.device}</span>}
        {etaSeconds !== undefined && <span class="quiet">, {duration(etaSeconds)} left</span>}
      </p>
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

function headline({ state, part, step, decoderStep, settings }: Run): string {
  if (state === "done") return `Done: ${settings.steps} steps`;
  if (state === "failed") return `Failed after step ${step}`;
  if (state === "stopped") return `Stopped after step ${step} of ${settings.steps}`;
  switch (part) {
    case "preparing":
      return "Getting ready";
    case "listening":
      return "Listening to the clips";
    case "training":
      return `Step ${step} of ${settings.steps}`;
    case "decoder":
      return `Fitting the sound, step ${decoderStep} of ${settings.decoderSteps}`;
    case "speaking":
      return `Speaking, after step ${step}`;
    case "saving":
      return "Saving";
  }
}
