import { lossText, percent } from "../format.js";
import { lowest, overfitting } from "../run/overfitting.js";
import type { RunLog } from "../run/run-log.js";
import { type Html, html, scriptData } from "./html.js";
import { type Curves, decoderCurves, metricCurves, stepCurves } from "./loss-data.js";

/** What training and its measurements came to, as curves and a table. */
export function chartSection(log: RunLog): Html {
  const isDiffusion = log.bySteps("step").some(({ metrics }) => "noise" in metrics);
  const losses = [
    metricCurves(log, "noise", "error of the noise"),
    metricCurves(log, "variational", "bits a step back is off"),
    metricCurves(log, "guess", "error of the guess"),
    metricCurves(log, "mel", "mel loss"),
    metricCurves(log, "text", "text loss"),
    decoderCurves(log),
  ];
  const others = [
    metricCurves(log, "codePerplexity", "code perplexity"),
    { ...metricCurves(log, "stopAccuracy", "ends known"), range: [0, 1] } as const,
    stepCurves(log, "gradNorm", "gradient length"),
    stepCurves(log, "learningRate", "learning rate"),
  ];
  const warning = overfitting(log.bySteps("evaluation"));
  return html`<section aria-labelledby="loss">
<h2 id="loss">Loss</h2>
<p class="quiet">${isDiffusion ? diffusionLosses : speechLosses} Lower is better. Held-out clips say how much of it is learnt and not remembered.</p>
${warning === undefined ? "" : html`<p class="warn">It overfits: ${warning}.</p>`}
<div class="charts">${drawn(losses)}</div>
${evaluationTable(log)}
<h2>More of training</h2>
<p class="quiet">${isDiffusion ? "" : "Code perplexity: among so many equally likely codes the choice would be as hard as it is for the model. Ends known: share of the clips behind whose codes the model says “stop” where the clip stops, and not before. "}Gradient length: of a step, before it is clipped.</p>
<div class="charts">${drawn(others)}</div>
</section>`;
}

const speechLosses =
  "How badly the model guesses the next code of speech (mel) and the next token of text. The decoder turns codes back into a mel spectrogram.";

const diffusionLosses =
  "How badly the decoder finds the noise in a mel spectrogram, how far its step back is off, and how badly the mel is guessed of speech and voice alone. The held-out clips get the same noise each time.";

function drawn(all: readonly Curves[]): Html[] {
  return all.filter(({ steps }) => steps.length > 0).map(chart);
}

function chart(curves: Curves): Html {
  const heldOut = curves.heldOut.filter((value) => value !== null);
  const [first, last] = [heldOut.at(0), heldOut.at(-1)];
  const words =
    first === undefined || last === undefined
      ? ""
      : `Held-out clips: from ${lossText(first)} to ${lossText(last)}.`;
  return html`<figure class="card" style="margin:0"><figcaption><h3>${curves.name[0]?.toUpperCase() ?? ""}${curves.name.slice(1)}</h3>${words}</figcaption>
<div class="chart"><script type="application/json">${scriptData(curves)}</script></div></figure>`;
}

const columns: readonly (readonly [metric: string, name: string, text: (x: number) => string])[] = [
  ["noise", "error of the noise", lossText],
  ["variational", "bits off", lossText],
  ["guess", "error of the guess", lossText],
  ["mel", "mel loss", lossText],
  ["text", "text loss", lossText],
  ["codePerplexity", "code perplexity", (x) => x.toFixed(1)],
  ["stopAccuracy", "ends known", percent],
];

function evaluationTable(log: RunLog): Html | string {
  const evaluations = log.bySteps("evaluation");
  if (evaluations.length === 0) return "";
  const best = evaluations.length > 1 ? lowest(evaluations) : undefined;
  const shown = columns.filter(([metric]) => evaluations.some((e) => metric in e.metrics));
  const row = (event: (typeof evaluations)[number]): Html => {
    const isBest = event.step === best?.step;
    const name = isBest ? html`${event.step} <strong>best</strong>` : html`${event.step}`;
    return html`<tr${isBest ? html` class="best"` : ""}><th scope="row">${name}</th>${shown.map(
      ([metric, , text]) => html`<td>${text(event.metrics[metric] ?? Number.NaN)}</td>`,
    )}</tr>`;
  };
  return html`<details><summary>Held-out measurements as a table</summary>
<div class="scroll"><table><thead><tr><th scope="col">step</th>${shown.map(([, name]) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${evaluations.map(row)}</tbody></table></div></details>`;
}
