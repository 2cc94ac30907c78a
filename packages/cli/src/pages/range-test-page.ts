import type { RangeTest } from "@hawksbill/trainer";
import { lossText, rateText } from "../format.js";
import { html } from "../report/html.js";
import { lineChart } from "./line-chart.js";
import { page } from "./page.js";

/** A range test in one page: the losses over the rates, and which rate they speak for. */
export function rangeTestPage({ points, smoothed, rate, why }: RangeTest): string {
  const title = rate === undefined ? "No rate stands out" : `Learning rate ${rateText(rate)}`;
  const [first, last] = [points[0]?.rate ?? 0, points.at(-1)?.rate ?? 0];
  return page(
    title,
    "Hawksbill learning-rate range test",
    html`<p>${why[0]?.toUpperCase() ?? ""}${why.slice(1)}.</p>
<p class="quiet">A copy of the weights was trained for ${points.length} steps while the rate rose from ${rateText(first)} to ${rateText(last)}. The thin line is the loss of each batch, the thick one its mean with those around it.</p>
${lineChart(
  [
    {
      name: "a batch",
      points: points.map((point) => [point.rate, point.loss]),
      color: "var(--faint)",
      width: 1,
    },
    {
      name: "averaged",
      points: points.map((point, i) => [point.rate, smoothed[i] ?? Number.NaN]),
      color: "var(--training)",
    },
  ],
  {
    description: `Loss over learning rates from ${rateText(first)} to ${rateText(last)}`,
    xName: "learning rate",
    yName: "loss",
    logX: true,
    ...(rate === undefined ? {} : { mark: { x: rate, text: rateText(rate) } }),
  },
)}
<details><summary>The numbers</summary><div class="scroll"><table>
<thead><tr><th scope="col">rate</th><th scope="col">loss</th><th scope="col">averaged</th></tr></thead>
<tbody>${points.map((point, i) => html`<tr><th scope="row">${rateText(point.rate)}</th><td>${lossText(point.loss)}</td><td>${lossText(smoothed[i] ?? Number.NaN)}</td></tr>`)}</tbody>
</table></div></details>
<p class="quiet">The test is of Leslie N. Smith (“Cyclical Learning Rates for Training Neural Networks”, 2017), the rule of Sylvain Gugger (“How Do You Find A Good Learning Rate”, 2018).</p>`,
  );
}
