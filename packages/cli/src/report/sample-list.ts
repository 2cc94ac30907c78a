import { dataUri, type Html, html } from "./html.js";

/** The sentence as the model of a step says it. */
export interface Sample {
  readonly step: number;
  readonly seconds: number;
  /** Whether the model ended the sentence itself. */
  readonly stopped: boolean;
  readonly wav: Uint8Array;
}

/** Players, step by step; nothing without samples. */
export function sampleList(samples: readonly Sample[]): Html | string {
  if (samples.length === 0) return "";
  return html`<h3 id="samples">On the way</h3>
<p class="quiet">The same sentence with the same seed, as the model of each step says it.</p>
<ul class="samples" aria-labelledby="samples">${samples.map(
    ({ step, seconds, stopped, wav }) => html`
<li class="card"><span>Step ${step}</span> <span class="quiet">${seconds.toFixed(1)} s, ${stopped ? "ended by itself" : "cut at the longest"}</span>
<audio controls preload="none" aria-label="Step ${step}" src="${dataUri("audio/wav", wav)}"></audio></li>`,
  )}</ul>`;
}
