import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Problem, problemText } from "@hawksbill/dataset";
import type { RunSettings } from "../run/run-config.js";
import type { StartEvent } from "../run/run-events.js";
import type { RunLog } from "../run/run-log.js";
import type { Summary } from "../run/summary.js";
import { chartScript } from "./chart-script.js";
import { chartSection } from "./charts.js";
import { facts, headline, liveLine, madeBy, subtitle } from "./headline.js";
import { Html, html } from "./html.js";
import { liveScript } from "./live-script.js";
import { type Recording, recordingCards } from "./recording.js";
import { runTables } from "./run-tables.js";
import { type Sample, sampleList } from "./sample-list.js";
import { style } from "./style.js";

export type ReportState = "running" | "stopped" | "done";

/** What a report tells of. */
export interface ReportData {
  readonly state: ReportState;
  /** What the recordings say. */
  readonly sentence: { readonly text: string; readonly id: string; readonly isHeldOut: boolean };
  readonly recordings: readonly Recording[];
  readonly samples: readonly Sample[];
  readonly settings: RunSettings;
  readonly summary: Summary;
  readonly leftOut: readonly Problem[];
  readonly log: RunLog;
  /** Of the session that writes it. */
  readonly start: StartEvent;
  /** What goes on with the run. */
  readonly resumeCommand: string;
  /** Seconds after which a page of a running run is read anew. */
  readonly refreshSeconds: number;
}

/** A run in one page that needs no other file: what came of it so far, to hear and to see. */
export function reportPage(data: ReportData): string {
  const { sentence, recordings, samples, log } = data;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${data.state === "running" ? html`<noscript><meta http-equiv="refresh" content="${data.refreshSeconds}"></noscript>` : ""}
<title>${headline(data)} · Hawksbill</title>
<style>${uPlotFile("uPlot.min.css")}${new Html(style)}</style>
</head>
<body>
<header>
<p class="eyebrow">Hawksbill fine-tuning</p>
<h1>${headline(data)}</h1>
<p class="quiet">${subtitle(data)}</p>
${liveLine(data)}
</header>
<main>
${facts(data)}
<section aria-labelledby="listen">
<h2 id="listen">Listen</h2>
<blockquote>${sentence.text}</blockquote>
<p class="quiet">${sentence.isHeldOut ? html`Clip ${sentence.id} was held out: the model was not trained on it.` : html`Clip ${sentence.id} was trained on, as nothing was held out.`}</p>
${recordingCards(recordings)}
${sampleList(samples)}
</section>
${chartSection(log)}
<section aria-labelledby="run">
<h2 id="run">The run</h2>
${runTables(data)}
</section>
${leftOut(data.leftOut)}
${warnings(log)}
</main>
<footer>${madeBy(data)}</footer>
<script>${uPlotFile("uPlot.iife.min.js")}${new Html(chartScript)}${new Html(liveScript)}</script>
</body>
</html>
`;
  return page.text;
}

/** Files of the plotting library, as they are to stand in the page. */
const uPlotFiles = new Map<string, Html>();

function uPlotFile(name: string): Html {
  const { resolve } = createRequire(import.meta.url);
  const file =
    uPlotFiles.get(name) ?? new Html(readFileSync(resolve(`uplot/dist/${name}`), "utf8"));
  uPlotFiles.set(name, file);
  return file;
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
