import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { duration, lossText } from "../format.js";
import { lineChart } from "../pages/line-chart.js";
import { page } from "../pages/page.js";
import { dataUri, type Html, html } from "../report/html.js";
import { runFiles } from "../run/run-files.js";
import type { SweepFile, SweepRun } from "./sweep-file.js";

/** The losses of a run over its steps. */
export interface RunCurves {
  readonly heldOut: readonly (readonly [step: number, loss: number])[];
  readonly training: readonly (readonly [step: number, loss: number])[];
}

/**
 * A sweep in one page that needs no other file: curves on common axes, a table by held-out loss, samples to play.
 *
 * @param folder Of the sweep: the samples are read from its runs.
 */
export async function sweepPage(
  folder: string,
  sweep: SweepFile,
  curvesOf: (run: SweepRun) => Promise<RunCurves>,
): Promise<string> {
  const runs = await Promise.all(
    sweep.runs.map(async (run, i) => ({
      run,
      color: colorOf(i, sweep.runs.length),
      curves: await curvesOf(run),
    })),
  );
  const { length: done } = sweep.runs.filter(({ state }) => state === "done");
  const title = `${sweep.axes.map(({ option }) => option).join(", ")}: ${done} of ${sweep.runs.length} runs`;
  const chart = (name: string, of: keyof RunCurves): Html =>
    lineChart(
      runs.map(({ run, color, curves }) => ({ name: run.name, points: curves[of], color })),
      { description: `${name} of each run over its steps`, xName: "step", yName: name },
    );
  const samples = await Promise.all(
    runs.map(({ run, color }) => sampleCard(join(folder, run.folder), run, color)),
  );
  return page(
    title,
    "Hawksbill sweep",
    html`${verdict(sweep.runs)}
<p class="quiet">All runs have ${sweep.args.join(" ")}.</p>
<section aria-labelledby="table"><h2 id="table">By held-out loss</h2><div class="scroll card">${table(runs)}</div></section>
<section aria-labelledby="curves"><h2 id="curves">Curves</h2>
<div style="display:grid;gap:1rem">${chart("held-out mel loss", "heldOut")}${chart("mel loss in training, averaged", "training")}</div></section>
<section aria-labelledby="listen"><h2 id="listen">Listen</h2>${await reference(folder, sweep.runs)}<div class="recordings">${samples}</div></section>`,
  );
}

function verdict(runs: readonly SweepRun[]): Html {
  const [best] = runs;
  const loss = best?.summary?.heldOutMelLossAfter;
  if (!best || loss === null || loss === undefined)
    return html`<p>No run has a held-out loss yet.</p>`;
  const { heldOutMelLossBefore: before } = best.summary ?? {};
  return html`<p>The lowest held-out mel loss is ${lossText(loss)}${before === null || before === undefined ? "" : `, from ${lossText(before)} before training`}, with <strong>${best.name}</strong>.</p>`;
}

/** Around the colour circle, of like brightness. */
function colorOf(i: number, count: number): string {
  return `hsl(${Math.round((360 * i) / count + 165) % 360} 65% 45%)`;
}

function swatch(color: string): Html {
  return html`<span style="display:inline-block;width:.8em;height:.8em;border-radius:.2em;background:${color}"></span> `;
}

function table(runs: readonly { readonly run: SweepRun; readonly color: string }[]): Html {
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? "" : lossText(value);
  const rows = runs.map(({ run, color }) => {
    const { summary, state, error = "" } = run;
    const said = summary?.afterSeconds;
    return html`<tr><th scope="row">${swatch(color)}${run.name}</th><td>${number(summary?.heldOutMelLossAfter)}</td><td>${number(summary?.heldOutMelLossBefore)}</td><td>${number(summary?.heldOutTextLossAfter)}</td><td>${summary?.steps ?? ""}</td><td>${duration(summary?.seconds.total ?? 0)}</td><td>${said ? `${said.toFixed(1)} s${summary?.afterStopped ? "" : ", cut"}` : ""}</td><td>${state === "done" ? "done" : `${state} ${error}`}</td></tr>`;
  });
  return html`<table><thead><tr><th scope="col">run</th><th scope="col">held-out mel loss</th><th scope="col">before</th><th scope="col">text loss</th><th scope="col">steps</th><th scope="col">time</th><th scope="col">speech</th><th scope="col">state</th></tr></thead><tbody>${rows}</tbody></table>`;
}

async function player(file: string, title: string): Promise<Html | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return (
    bytes &&
    html`<audio controls preload="metadata" aria-label="${title}" src="${dataUri("audio/wav", bytes)}"></audio>`
  );
}

async function sampleCard(folder: string, run: SweepRun, color: string): Promise<Html> {
  const sound = await player(join(folder, runFiles.after), run.name);
  return html`<article class="card recording"><header><h3>${swatch(color)}${run.name}</h3></header>${sound ?? html`<p class="quiet">There is no sample.</p>`}</article>`;
}

/** The sentence as it was recorded, and by the base: the same for all runs. */
async function reference(folder: string, runs: readonly SweepRun[]): Promise<Html> {
  const names = { [runFiles.reference]: "as recorded", [runFiles.before]: "by the base" };
  const [first] = runs.filter(({ state }) => state === "done");
  if (!first) return html``;
  const cards = await Promise.all(
    Object.entries(names).map(async ([file, title]) => {
      const sound = await player(join(folder, first.folder, file), title);
      return sound
        ? html`<article class="card recording"><header><h3>${title}</h3></header>${sound}</article>`
        : html``;
    }),
  );
  return html`<div class="recordings" style="margin-bottom:1rem">${cards}</div>`;
}
