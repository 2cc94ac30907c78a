import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { type LossCurves, lossCurves } from "../../run/loss-curves.js";
import type { Run } from "../../run/run.js";

/** The loss over the steps, as it falls. */
export function LossChart({ run }: { readonly run: Run }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  // The chart comes later than the page, and anew when the colours change.
  const latest = useRef<LossCurves>(undefined);
  useEffect(() => {
    let isGone = false;
    const drawn = import("./draw-chart.js").then(({ drawChart }) => {
      if (isGone || !place.current) return;
      return drawChart(place.current, (plot) => {
        chart.current = plot;
        if (latest.current) plot.setData(latest.current);
      });
    });
    return () => {
      isGone = true;
      drawn.then((end) => end?.());
    };
  }, []);
  useEffect(() => {
    latest.current = lossCurves(run);
    chart.current?.setData(latest.current);
  });
  const last = run.losses.at(-1);
  const heldOut = run.measured.at(-1);
  return (
    <figure class="chart card">
      <figcaption>
        <h3>Mel loss</h3>
        <p class="quiet">
          {last ? `${last.mel.toFixed(3)} after step ${last.step}` : "No step has been made yet"}
          {heldOut && `; held-out clips ${heldOut.mel.toFixed(3)} after step ${heldOut.step}`}
        </p>
      </figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  );
}
