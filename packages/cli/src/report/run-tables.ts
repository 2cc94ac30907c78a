import { duration, rateText } from "../format.js";
import { embedded } from "../place.js";
import type { Summary } from "../run/summary.js";
import { type Html, html } from "./html.js";
import type { ReportData } from "./report-page.js";

/** With which settings a run was made, and where its time went. */
export function runTables(data: ReportData): Html {
  return html`<div class="tables">${settingsTable(data)}${timesTable(data.summary)}</div>`;
}

function settingsTable({ settings, summary, log, start }: ReportData): Html {
  const place = (path: string, what: string): string =>
    path === embedded ? `${what} that comes with Hawksbill` : path;
  const split = log.all("split").at(-1);
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
    ["platform", start.platform],
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
  speak: "speak",
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
