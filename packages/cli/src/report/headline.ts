import { count, duration, lossText, memoryText, percent } from "../format.js";
import { lowest } from "../run/overfitting.js";
import type { Summary } from "../run/summary.js";
import { type Html, html } from "./html.js";
import type { ReportData } from "./report-page.js";

/** What is to be known first: where the run stands, or what came of it. */
export function headline({ state, summary, settings, log }: ReportData): string {
  if (state === "done") return outcome(summary);
  const step = log.all("step").at(-1)?.step ?? 0;
  const { steps } = settings;
  if (state === "stopped") return `Stopped after step ${step} of ${steps}`;
  const decoder = log.all("decoderStep").at(-1);
  if (decoder) return `Fitting the decoder: step ${decoder.step} of ${decoder.steps}`;
  return `Training: step ${step} of ${steps}`;
}

function outcome(summary: Summary): string {
  const { heldOutMelLossBefore, heldOutMelLossAfter, heldOutLossBefore, heldOutLossAfter } =
    summary;
  const [name, before, after] =
    heldOutMelLossBefore === null
      ? (["loss", heldOutLossBefore, heldOutLossAfter] as const)
      : (["mel loss", heldOutMelLossBefore, heldOutMelLossAfter] as const);
  if (before === null || after === null) return `Fine-tuned for ${count(summary.steps, "step")}`;
  const share = 1 - after / before;
  const change = `${Math.abs(100 * share).toFixed(1)} %`;
  return `Held-out ${name} ${share > 0 ? "fell" : "rose"} by ${change}`;
}

/** In smaller print: on what, for how long. */
export function subtitle({ state, summary, log }: ReportData): string {
  const data = log.all("data").at(-1);
  const clips = data
    ? ` on ${count(data.clips, "clip")} (${duration(data.seconds)} of speech)`
    : "";
  const last = log.all("step").at(-1);
  const left =
    state === "running" && last && last.step < last.steps
      ? `; ${duration(last.etaSeconds)} of training left`
      : "";
  const time = duration(summary.seconds.total ?? 0);
  const took = state === "done" ? `in ${time}` : `for ${time} so far`;
  return `${count(summary.steps, "step")}${clips} ${took} on ${summary.device}${left}.`;
}

/** For a run under way or stopped: how fresh the page is, and how to go on. */
export function liveLine({ state, refreshSeconds, resumeCommand }: ReportData): Html | string {
  if (state === "done") return "";
  if (state === "stopped") return html`<p class="live">Go on with: ${resumeCommand}</p>`;
  const now = new Date();
  const at = now.toISOString().replace("T", " ").slice(0, 19);
  return html`<p class="live" id="live" role="status" data-refresh-seconds="${refreshSeconds}" data-written="${now.toISOString()}" data-silence="Nothing has been written since ${at} UTC. If the run was stopped, this goes on with it: ${resumeCommand}">Under way. Written at ${at} UTC; the page reads itself anew every ${refreshSeconds} s, but not while you listen.</p>`;
}

/** The numbers that count. */
export function facts({ summary, log }: ReportData): Html {
  const evaluations = log.bySteps("evaluation");
  const taken = log.all("done").at(-1)?.best?.step;
  const first = evaluations.at(0);
  const last = evaluations.find(({ step }) => step === taken) ?? evaluations.at(-1);
  const best = evaluations.length > 1 ? lowest(evaluations) : undefined;
  const change = (name: string, metric: string): Html | string => {
    const [before, after] = [first?.metrics[metric], last?.metrics[metric]];
    if (before === undefined || after === undefined) return "";
    return fact(name, `${lossText(before)} → ${lossText(after)}`, "held out, before and after");
  };
  const ends = last?.metrics.stopAccuracy;
  const { afterSeconds, afterStopped } = summary;
  return html`<dl class="facts">
${change("Mel loss", "mel")}
${change("Text loss", "text")}
${best ? fact("Best", `step ${best.step}`, `held-out loss ${lossText(best.loss)}`) : ""}
${ends === undefined ? "" : fact("Ends known", percent(ends), "of the held-out clips")}
${afterSeconds === null ? "" : fact("Speech after", `${afterSeconds.toFixed(1)} s`, afterStopped ? "ended by the model itself" : "cut at the longest")}
${fact("Memory", memoryText(summary.peakMemoryMB), "at most")}
</dl>`;
}

function fact(name: string, value: string, note: string): Html {
  return html`<div class="card"><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`;
}

/** Since when the page is. */
export function madeBy({ start, log }: ReportData): string {
  const time = log.events.at(-1)?.time ?? start.time;
  return `Made by Hawksbill ${start.hawksbill} on ${time.slice(0, 10)}. The numbers are in summary.json and log.jsonl beside this page.`;
}
