import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const height = 240;

/**
 * Draws an empty chart in the page's colours, as wide as there is room; again when the colours change.
 *
 * @param onChart Is given each new chart, to fill.
 * @returns What takes it away.
 */
export function drawChart(place: HTMLElement, onChart: (chart: uPlot) => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chart = newChart(place);
  onChart(chart);
  const observer = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height }));
  observer.observe(place);
  const redraw = (): void => {
    chart.destroy();
    chart = newChart(place);
    onChart(chart);
  };
  dark.addEventListener("change", redraw);
  return () => {
    dark.removeEventListener("change", redraw);
    observer.disconnect();
    chart.destroy();
  };
}

function newChart(place: HTMLElement): uPlot {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--quiet"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  return new uPlot(
    {
      width: place.clientWidth,
      height,
      scales: { x: { time: false } },
      legend: { live: false },
      axes: [
        { ...axis, size: 30 },
        { ...axis, size: 44 },
      ],
      series: [
        { label: "step" },
        { label: "a batch", stroke: color("--faint"), width: 1, points: { show: false } },
        { label: "averaged", stroke: color("--accent"), width: 2, points: { show: false } },
        {
          label: "held out",
          stroke: color("--held-out"),
          width: 2,
          spanGaps: true,
          points: { show: true, size: 7, fill: color("--held-out") },
        },
      ],
    },
    [[], [], [], []],
    place,
  );
}
