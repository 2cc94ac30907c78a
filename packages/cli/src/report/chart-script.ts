/**
 * Runs in the page: draws each `.chart` from the data in it with uPlot, in the page's colours, as wide
 * as there is room.
 */
export const chartScript = `
const dark = matchMedia("(prefers-color-scheme: dark)");

function draw(place) {
  const { name, steps, training, smooth, heldOut, best, overfits, range } = JSON.parse(place.querySelector("script").textContent);
  const color = (variable) => getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
  const digits = (value) => (value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(3));
  const number = (self, value) => (value == null ? "" : digits(value));
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font };
  const series = (label, variable, more) => ({ label, stroke: color(variable), value: number, ...more });
  const has = (values) => values.some((value) => value != null);
  const kinds = [
    ...(has(training) ? [[training, series("a batch", "--faint", { width: 1 })]] : []),
    ...(has(smooth) ? [[smooth, series("batches, averaged", "--training", { width: 2 })]] : []),
    ...(has(heldOut) ? [[heldOut, series("held out", "--held-out", { width: 2, spanGaps: true, points: { show: true, size: 8, fill: color("--held-out") } })]] : []),
  ];
  const mark = (plot, step, words, variable, row) => {
    if (step === undefined) return;
    const { ctx, bbox } = plot;
    const x = Math.round(plot.valToPos(step, "x", true));
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color(variable);
    ctx.setLineDash([4 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = 12 * ratio + "px system-ui, sans-serif";
    const isRight = x > bbox.left + bbox.width / 2;
    ctx.textAlign = isRight ? "right" : "left";
    ctx.fillText(words, x + (isRight ? -5 : 5) * ratio, bbox.top + (12 + 15 * row) * ratio);
    ctx.restore();
  };
  return new uPlot({
    width: place.clientWidth,
    height: 260,
    scales: { x: { time: false }, y: range ? { range } : {} },
    axes: [
      { ...axis, label: "step", labelSize: 20, labelFont: font, size: 34 },
      { ...axis, label: name, labelSize: 20, labelFont: font, size: 56, values: (self, ticks) => ticks.map((tick) => (tick !== 0 && Math.abs(tick) < 0.001 ? tick.toExponential() : tick)) },
    ],
    series: [{ label: "step", value: (self, value) => value ?? "" }, ...kinds.map(([, kind]) => kind)],
    hooks: { draw: [(plot) => { mark(plot, best, "best", "--accent", 0); mark(plot, overfits, "overfits", "--warn", 1); }] },
  }, [steps, ...kinds.map(([values]) => values)], place);
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
