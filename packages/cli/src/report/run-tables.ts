import { duration, rateText } from "../format.js";
import { embedded } from "../place.js";
import { optionOf, type RunSettings } from "../run/run-config.js";
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
    ...otherSettings(settings),
    ["held out", split ? shortList(split.heldOut) || "nothing" : ""],
    ["recipe", settings.recipe],
    ["decoder steps", log.bySteps("decoderStep").length],
    ["seed", settings.seed],
    ["device", summary.device],
    ["platform", start.platform],
  ]);
}

/** Settings that have rows of their own, and what decides nothing. */
const told: ReadonlySet<string> = new Set([
  ...["dataset", "base", "steps", "batchSize", "learningRate", "heldOut", "heldOutLists"],
  ...["recipe", "decoderSteps", "seed", "device", "cache"],
]);

/** All others that are set, as options are called, and the optimiser in any case. */
function otherSettings(settings: RunSettings): [string, string][] {
  const all = { optimizer: "adamw", ...settings };
  return Object.entries(all)
    .filter(([name, value]) => value !== undefined && !told.has(name))
    .map(([name, value]) => {
      const words = optionOf(name as keyof RunSettings).replaceAll(/-+/g, " ");
      return [words.trim(), value === true ? "yes" : `${value}`.replaceAll(",", ", ")];
    });
}

/** Ids that are held out may be thousands. */
function shortList(ids: readonly string[]): string {
  const shown = ids.slice(0, 20).join(", ");
  return ids.length > 20 ? `${shown} and ${ids.length - 20} more` : shown;
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
