import { type Html, html } from "../report/html.js";

/** A curve of a chart. */
export interface Line {
  readonly name: string;
  /** In the order of x; those that are not finite are left out. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A CSS colour. */
  readonly color: string;
  /** Default 2 pixels. */
  readonly width?: number;
}

export interface ChartOptions {
  /** What the picture shows, for who cannot see it. */
  readonly description: string;
  readonly xName: string;
  readonly yName: string;
  /** Whether x is drawn by its logarithm. */
  readonly logX?: boolean;
  /** A place to point at. */
  readonly mark?: { readonly x: number; readonly text: string };
}

const [width, height] = [760, 320];
const margin = { left: 56, right: 16, top: 20, bottom: 44 };

/** Curves on common axes, as a picture that needs no script. */
export function lineChart(lines: readonly Line[], options: ChartOptions): Html {
  const { description, xName, yName, logX = false, mark } = options;
  const shown = lines.map((line) => ({
    ...line,
    points: line.points.filter((point) => point.every(Number.isFinite)),
  }));
  const all = shown.flatMap(({ points }) => points);
  if (all.length === 0) return html`<p class="quiet">There is nothing to draw yet.</p>`;
  const scaled = logX ? Math.log10 : (x: number): number => x;
  const xs = range(all.map(([x]) => scaled(x)));
  const ys = range(all.map(([, y]) => y));
  const left = (x: number): number => place(scaled(x), xs, margin.left, width - margin.right);
  const top = (y: number): number => place(y, ys, height - margin.bottom, margin.top);
  const path = (points: Line["points"]): string =>
    points.map(([x, y]) => `${left(x).toFixed(1)},${top(y).toFixed(1)}`).join(" ");
  const xTicks = logX ? decades(xs) : ticks(xs);
  return html`<figure class="card" style="margin:0"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${description}" style="width:100%;height:auto;font-size:12px">
${ticks(ys).map((y) => html`<line x1="${margin.left}" x2="${width - margin.right}" y1="${top(y)}" y2="${top(y)}" stroke="var(--line)"/><text x="${margin.left - 6}" y="${top(y) + 4}" text-anchor="end" fill="var(--quiet)">${tickText(y)}</text>`)}
${xTicks.map((x) => html`<text x="${left(x)}" y="${height - margin.bottom + 16}" text-anchor="middle" fill="var(--quiet)">${logX ? x.toExponential(0) : tickText(x)}</text>`)}
<text x="${(margin.left + width - margin.right) / 2}" y="${height - 6}" text-anchor="middle" fill="var(--quiet)">${xName}</text>
<text x="${margin.left}" y="${margin.top - 8}" fill="var(--quiet)">${yName}</text>
${mark ? html`<line x1="${left(mark.x)}" x2="${left(mark.x)}" y1="${margin.top}" y2="${height - margin.bottom}" stroke="var(--held-out)" stroke-dasharray="4 3"/><text x="${left(mark.x) + 5}" y="${margin.top + 10}" fill="var(--held-out)">${mark.text}</text>` : ""}
${shown.map(({ name, points, color, width: stroke = 2 }) => html`<polyline points="${path(points)}" fill="none" stroke="${color}" stroke-width="${stroke}" stroke-linejoin="round"><title>${name}</title></polyline>`)}
</svg></figure>`;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

function range(values: readonly number[]): Range {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
}

function place(value: number, { low, high }: Range, from: number, to: number): number {
  return from + ((value - low) / (high - low)) * (to - from);
}

/** Some four round numbers. */
function ticks({ low, high }: Range): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((n) => n * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

function decades({ low, high }: Range): number[] {
  const first = Math.ceil(low);
  return Array.from({ length: Math.floor(high) - first + 1 }, (_, i) => 10 ** (first + i));
}

function tickText(value: number): string {
  return `${Number(value.toPrecision(6))}`;
}
