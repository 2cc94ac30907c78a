/**
 * Runs in the page: draws each `.chart` from the data in it with uPlot, in the page's colours, as wide
 * as there is room.
 */
export const chartScript = `
const dark = matchMedia("(prefers-color-scheme: dark)");

function draw(place) {
  const { name, steps, training, smooth, heldOut } = JSON.parse(place.querySelector("script").textContent);
  const color = (variable) => getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
  const number = (self, value) => (value == null ? "" : value.toFixed(3));
  const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const series = (label, variable, more) => ({ label, stroke: color(variable), value: number, ...more });
  return new uPlot({
    width: place.clientWidth,
    height: 260,
    scales: { x: { time: false } },
    axes: [
      { ...axis, label: "step", labelSize: 20, labelFont: axis.font, size: 34 },
      { ...axis, label: name, labelSize: 20, labelFont: axis.font, size: 48 },
    ],
    series: [
      { label: "step", value: (self, value) => value ?? "" },
      series("a batch", "--faint", { width: 1 }),
      series("batches, averaged", "--training", { width: 2 }),
      series("held out", "--held-out", { width: 2, spanGaps: true, points: { show: true, size: 8, fill: color("--held-out") } }),
    ],
  }, [steps, training, smooth, heldOut], place);
}

for (const place of document.querySelectorAll(".chart")) {
  let plot = draw(place);
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 260 })).observe(place);
  dark.addEventListener("change", () => {
    plot.destroy();
    plot = draw(place);
  });
}
`;
