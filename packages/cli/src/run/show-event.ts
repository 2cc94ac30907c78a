import { count, duration, lossText, memoryText, percent, rateText } from "../format.js";
import type { Reporter } from "../reporter.js";
import { planLines } from "./plan-lines.js";
import type { RunEvent, SampleEvent } from "./run-events.js";

/** Puts an event into words, where people want to read of it. */
export function show(reporter: Reporter, event: RunEvent): void {
  switch (event.type) {
    case "split":
      reporter.note(
        `${count(event.training.length, "clip")} to train on, ${event.heldOut.length} held out to measure`,
      );
      break;
    case "encode":
      reporter.progress(`encoding clips ${event.done}/${event.total}`);
      break;
    case "plan":
      for (const line of planLines(event.plan)) reporter.note(line);
      break;
    case "adapter":
      reporter.note(
        `training an adapter of rank ${event.rank}: ${event.parameters.toLocaleString("en-US")} numbers; the base stays as it is`,
      );
      break;
    case "warning":
      reporter.warn(event.message);
      break;
    case "step": {
      const { step, steps, loss, learningRate, etaSeconds, memoryMB = 0 } = event;
      reporter.progress(
        `step ${step}/${steps}  loss ${lossText(loss)}  rate ${rateText(learningRate)}  ${duration(etaSeconds)} left  ${memoryText(memoryMB)}`,
        step / steps,
      );
      break;
    }
    case "skipped":
      reporter.warn(
        `after step ${event.step} the loss or a gradient was not finite: the batch was passed over`,
      );
      break;
    case "evaluation": {
      reporter.note(`step ${event.step}: held-out ${measuredText(event)}`);
      break;
    }
    case "decoderStep":
      reporter.progress(
        `decoder step ${event.step}/${event.steps}  error ${lossText(event.loss)}`,
        event.step / event.steps,
      );
      break;
    case "decoderEvaluation":
      reporter.note(`decoder step ${event.step}: held-out mel error ${lossText(event.loss)}`);
      break;
    case "checkpointFailed":
      reporter.warn(`the checkpoint of step ${event.step} was not saved: ${event.message}`);
      break;
    case "speech":
      reporter.note(`${event.which}.wav: ${speechText(event)}`);
      break;
    case "sample":
      reporter.note(`${event.file}: ${speechText(event)}`);
      break;
  }
}

function measuredText({ loss, metrics }: Extract<RunEvent, { type: "evaluation" }>): string {
  const { mel, text = Number.NaN, stopAccuracy, noise = Number.NaN, guess = Number.NaN } = metrics;
  if (mel === undefined)
    return `loss ${lossText(loss)}, of the noise ${lossText(noise)}, of the guess ${lossText(guess)}`;
  const ends = stopAccuracy === undefined ? "" : `, ${percent(stopAccuracy)} of the ends known`;
  return `mel loss ${lossText(mel)}, text loss ${lossText(text)}${ends}`;
}

function speechText({ seconds, stopped }: Pick<SampleEvent, "seconds" | "stopped">): string {
  return `${seconds.toFixed(1)} s, ${stopped ? "ended by itself" : "cut at the longest"}`;
}
