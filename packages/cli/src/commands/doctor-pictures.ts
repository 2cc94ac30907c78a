import { type Html, html } from "../report/html.js";

const width = 320;
const height = 150;
const margin = { left: 8, right: 8, top: 6, bottom: 22 };
const bars = 24;

/** How many clips have which value, as bars. */
export function histogram(
  title: string,
  values: readonly number[],
  { unit, digits = 1 }: { readonly unit: string; readonly digits?: number },
): Html {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const step = (high - low) / bars || 1;
  const counts = Array.from({ length: bars }, () => 0);
  for (const value of values) {
    const bar = Math.min(bars - 1, Math.floor((value - low) / step));
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  const inner = width - margin.left - margin.right;
  const tall = height - margin.top - margin.bottom;
  const rects = counts.map((clips, i) => {
    const size = (tall * clips) / most;
    return html`<rect x="${(margin.left + (i * inner) / bars).toFixed(1)}" y="${(margin.top + tall - size).toFixed(1)}" width="${(inner / bars - 1).toFixed(1)}" height="${size.toFixed(1)}" fill="var(--training)"/>`;
  });
  const words = `from ${low.toFixed(digits)} to ${high.toFixed(digits)} ${unit}, at most ${most} clips in a bar`;
  return figure(title, words, [
    ...rects,
    ...ends(`${low.toFixed(digits)} ${unit}`, `${high.toFixed(digits)} ${unit}`),
  ]);
}

/** A clip in a picture of all. */
export interface Point {
  readonly x: number;
  readonly y: number;
  /** Shown where one points at it. */
  readonly name: string;
  readonly isMarked: boolean;
}

/** Two values of each clip, from zero; those that are marked stand out. */
export function scatter(
  title: string,
  points: readonly Point[],
  axes: { readonly x: string; readonly y: string },
): Html {
  const most = (of: (point: Point) => number): number =>
    points.reduce((highest, point) => Math.max(highest, of(point)), 0) || 1;
  const [mostX, mostY] = [most(({ x }) => x), most(({ y }) => y)];
  const inner = width - margin.left - margin.right;
  const tall = height - margin.top - margin.bottom;
  // The marked ones last, so that they lie on top.
  const circles = points
    .toSorted((a, b) => Number(a.isMarked) - Number(b.isMarked))
    .map(({ x, y, name, isMarked }) => {
      const cx = (margin.left + (inner * x) / mostX).toFixed(1);
      const cy = (margin.top + tall - (tall * y) / mostY).toFixed(1);
      const color = isMarked ? "held-out" : "training";
      return html`<circle cx="${cx}" cy="${cy}" r="${isMarked ? 4 : 2.5}" fill="var(--${color})" fill-opacity="0.75"><title>${name}</title></circle>`;
    });
  const words = `${axes.y} up to ${mostY.toFixed(0)}, over ${axes.x} up to ${mostX.toFixed(1)}`;
  return figure(title, words, [...circles, ...ends("0", `${mostX.toFixed(1)} ${axes.x}`)]);
}

function ends(left: string, right: string): Html[] {
  const y = height - 6;
  return [
    html`<text x="${margin.left}" y="${y}">${left}</text>`,
    html`<text x="${width - margin.right}" y="${y}" text-anchor="end">${right}</text>`,
  ];
}

function figure(title: string, words: string, shapes: readonly Html[]): Html {
  return html`<figure class="card" style="margin:0"><figcaption><h3>${title}</h3>${words}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: ${words}">${shapes}</svg></figure>`;
}
