import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Problem, problemText } from "@hawksbill/dataset";
import { count, duration, lossText, memoryText, rateText } from "../format.js";
import { embedded } from "../place.js";
import type { RunSettings } from "../run/run-config.js";
import type { RunLog } from "../run/run-log.js";
import type { Summary } from "../run/summary.js";
import { chartScript } from "./chart-script.js";
import { Html, html, scriptData } from "./html.js";
import { decoderCurves, type LossCurves, lossCurves } from "./loss-data.js";
import { type Recording, recordingCards } from "./recording.js";
import { style } from "./style.js";

/** What a report tells of. */
export interface ReportData {
  /** What the recordings say. */
  readonly sentence: { readonly text: string; readonly id: string; readonly isHeldOut: boolean };
  readonly recordings: readonly Recording[];
  readonly settings: RunSettings;
  readonly summary: Summary;
  readonly leftOut: readonly Problem[];
  readonly log: RunLog;
}

/** A run in one page that needs no other file: what came of it, to hear and to see. */
export function reportPage(data: ReportData): string {
  const { sentence, recordings, summary, log } = data;
  const curves = [
    lossCurves(log, "mel", "mel loss"),
    lossCurves(log, "text", "text loss"),
    decoderCurves(log),
  ].filter(({ steps }) => steps.length > 0);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${headline(summary)} · Hawksbill</title>
<style>${uPlotFile("uPlot.min.css")}${new Html(style)}</style>
</head>
<body>
<header>
<p class="eyebrow">Hawksbill fine-tuning</p>
<h1>${headline(summary)}</h1>
<p class="quiet">${subtitle(data)}</p>
</header>
<main>
${facts(summary)}
<section aria-labelledby="listen">
<h2 id="listen">Listen</h2>
<blockquote>${sentence.text}</blockquote>
<p class="quiet">${sentence.isHeldOut ? html`Clip ${sentence.id} was held out: the model was not trained on it.` : html`Clip ${sentence.id} was trained on, as nothing was held out.`}</p>
${recordingCards(recordings)}
</section>
<section aria-labelledby="loss">
<h2 id="loss">Loss</h2>
<p class="quiet">How badly the model guesses the next code of speech (mel) and the next token of text: lower is better. Held-out clips say how much of it is learnt and not remembered. The decoder turns codes back into a mel spectrogram.</p>
<div class="charts">${curves.map(chart)}</div>
${evaluationTable(log)}
</section>
<section aria-labelledby="run">
<h2 id="run">The run</h2>
<div class="tables">${settingsTable(data)}${timesTable(summary)}</div>
</section>
${leftOut(data.leftOut)}
${warnings(log)}
</main>
<footer>Made by Hawksbill ${log.all("start").at(-1)?.hawksbill ?? ""} on ${(log.all("start").at(-1)?.time ?? "").slice(0, 10)}. The numbers are in summary.json and log.jsonl beside this page.</footer>
<script>${uPlotFile("uPlot.iife.min.js")}${new Html(chartScript)}</script>
</body>
</html>
`;
  return page.text;
}

/** A file of the plotting library, as it is to stand in the page. */
function uPlotFile(name: string): Html {
  const { resolve } = createRequire(import.meta.url);
  return new Html(readFileSync(resolve(`uplot/dist/${name}`), "utf8"));
}

function headline({ heldOutMelLossBefore, heldOutMelLossAfter, steps }: Summary): string {
  if (heldOutMelLossBefore === null || heldOutMelLossAfter === null)
    return `Fine-tuned for ${count(steps, "step")}`;
  const share = 1 - heldOutMelLossAfter / heldOutMelLossBefore;
  const percent = `${Math.abs(100 * share).toFixed(1)} %`;
  return share > 0
    ? `Held-out mel loss fell by ${percent}`
    : `Held-out mel loss rose by ${percent}`;
}

function subtitle({ summary, log }: ReportData): string {
  const data = log.all("data").at(-1);
  const clips = data
    ? ` on ${count(data.clips, "clip")} (${duration(data.seconds)} of speech)`
    : "";
  return `${count(summary.steps, "step")}${clips} in ${duration(summary.seconds.total ?? 0)} on ${summary.device}.`;
}

function facts(summary: Summary): Html {
  const fact = (name: string, value: string, note: string): Html =>
    html`<div class="card"><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`;
  const change = (name: string, before: number | null, after: number | null): Html[] =>
    before === null || after === null
      ? []
      : [fact(name, `${lossText(before)} → ${lossText(after)}`, "held out, before and after")];
  const { afterSeconds, afterStopped } = summary;
  return html`<dl class="facts">
${change("Mel loss", summary.heldOutMelLossBefore, summary.heldOutMelLossAfter)}
${change("Text loss", summary.heldOutTextLossBefore, summary.heldOutTextLossAfter)}
${afterSeconds === null ? "" : fact("Speech after", `${afterSeconds.toFixed(1)} s`, afterStopped ? "ended by the model itself" : "cut at the longest")}
${fact("Memory", memoryText(summary.peakMemoryMB), "at most")}
</dl>`;
}

function chart(curves: LossCurves): Html {
  const heldOut = curves.heldOut.filter((value) => value !== null);
  const [first, last] = [heldOut.at(0), heldOut.at(-1)];
  const words =
    first === undefined || last === undefined
      ? ""
      : `Held-out clips: from ${lossText(first)} to ${lossText(last)}.`;
  return html`<figure class="card" style="margin:0"><figcaption><h3>${curves.name[0]?.toUpperCase() ?? ""}${curves.name.slice(1)}</h3>${words}</figcaption>
<div class="chart"><script type="application/json">${scriptData(curves)}</script></div></figure>`;
}

function evaluationTable(log: RunLog): Html | string {
  const evaluations = log.bySteps("evaluation");
  if (evaluations.length === 0) return "";
  return html`<details><summary>Held-out measurements as a table</summary>
<div class="scroll"><table><thead><tr><th scope="col">step</th><th scope="col">mel loss</th><th scope="col">text loss</th></tr></thead>
<tbody>${evaluations.map(({ step, metrics }) => html`<tr><th scope="row">${step}</th><td>${lossText(metrics.mel ?? Number.NaN)}</td><td>${lossText(metrics.text ?? Number.NaN)}</td></tr>`)}</tbody></table></div></details>`;
}

function settingsTable({ settings, summary, log }: ReportData): Html {
  const place = (path: string, what: string): string =>
    path === embedded ? `${what} that comes with Hawksbill` : path;
  const split = log.all("split").at(-1);
  const start = log.all("start").at(-1);
  const [highest] = log
    .bySteps("step")
    .map((step) => step.learningRate)
    .sort((a, b) => b - a);
  return table("Settings", [
    ["dataset", place(settings.dataset, "the voice")],
    ["base", place(settings.base, "the small model")],
    ["steps", settings.steps],
    ["batch size", settings.batchSize],
    ["learning rate", highest === undefined ? "" : `at most ${rateText(highest)}`],
    ["held out", split ? split.heldOut.join(", ") || "nothing" : ""],
    ["recipe", settings.recipe],
    ["decoder steps", log.bySteps("decoderStep").length],
    ["seed", settings.seed],
    ["device", summary.device],
    ["platform", start?.platform ?? ""],
  ]);
}

/** What the parts of a run are called. */
const partNames: Readonly<Record<string, string>> = {
  open: "open the base",
  data: "read and check the data",
  encode: "turn clips into codes",
  train: "train",
  evaluate: "measure the held-out clips",
  decoder: "fit the decoder to the voice",
  save: "save",
  speak: "speak before and after",
  report: "write the report",
  total: "all",
};

function timesTable({ seconds }: Summary): Html {
  return table(
    "Time",
    Object.entries(seconds).map(([part, s]) => [partNames[part] ?? part, duration(s)]),
  );
}

function table(caption: string, rows: readonly (readonly [string, string | number])[]): Html {
  return html`<div class="card"><table><caption>${caption}</caption><tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table></div>`;
}

function leftOut(problems: readonly Problem[]): Html {
  const list =
    problems.length === 0
      ? html`<p>Nothing: every clip of the dataset was used.</p>`
      : html`<ul>${problems.map((problem) => html`<li>${problemText(problem)}</li>`)}</ul>`;
  return html`<section aria-labelledby="left-out"><h2 id="left-out">What was left out</h2>${list}</section>`;
}

function warnings(log: RunLog): Html | string {
  const all = log.all("warning");
  if (all.length === 0) return "";
  return html`<section aria-labelledby="warnings"><h2 id="warnings">Warnings</h2><ul class="warn">${all.map(({ message }) => html`<li>${message}</li>`)}</ul></section>`;
}
