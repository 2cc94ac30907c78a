/** The page's looks: light and dark, down to the width of a phone. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fbfaf7; --card: #ffffff; --text: #22241f; --quiet: #62665c; --line: #e3e1d9;
  --accent: #0f6e5c; --training: #0f766e; --faint: #9ccac3; --held-out: #b4470f; --warn: #8a4b00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141613; --card: #1d201c; --text: #ecebe4; --quiet: #a3a89b; --line: #33372f;
    --accent: #5fd0b8; --training: #4fc3ad; --faint: #2d5f56; --held-out: #ff9a5c; --warn: #ffb866;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 3rem; max-width: 62rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
}
h1 { font-size: clamp(1.6rem, 5vw, 2.3rem); line-height: 1.2; letter-spacing: -0.02em; margin: 0 0 0.5rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0.25rem 0 0.75rem; max-width: 46rem; }
.quiet, figcaption, footer { color: var(--quiet); font-size: 0.9rem; }
.warn { color: var(--warn); }
.eyebrow { color: var(--accent); font-weight: 600; margin: 0 0 0.25rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.75rem; margin: 1.5rem 0 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1rem 1.1rem; }
.facts dt { color: var(--quiet); font-size: 0.85rem; }
.facts dd { margin: 0.1rem 0 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.facts dd small { display: block; font-size: 0.85rem; font-weight: 400; color: var(--quiet); }
blockquote { margin: 0 0 1rem; padding-left: 0.9rem; border-left: 3px solid var(--accent); font-size: 1.1rem; }
.recordings { display: grid; gap: 1rem; }
.recording header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
audio { width: 100%; height: 2.5rem; margin: 0.6rem 0; }
.mel { margin: 0; display: grid; grid-template-columns: 3.4rem 1fr; grid-template-rows: 9rem 1.4rem; }
.mel .hz, .mel .seconds { position: relative; font-size: 0.75rem; color: var(--quiet); }
.mel .hz span { position: absolute; right: 0.4rem; transform: translateY(50%); white-space: nowrap; }
.mel .seconds { grid-column: 2; }
.mel .seconds span { position: absolute; top: 0.2rem; transform: translateX(-50%); white-space: nowrap; }
.mel .seconds span:first-child { transform: none; }
.mel .canvas { background: #000004; border-radius: 0.25rem; overflow: hidden; }
.mel img { display: block; height: 100%; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: 0.75rem; padding: 0; list-style: none; }
.samples li { margin: 0; }
.samples audio { margin-bottom: 0; }
#samples { margin-top: 1.5rem; }
.live { border-left: 3px solid var(--accent); padding-left: 0.9rem; font-size: 0.9rem; overflow-wrap: anywhere; }
.best strong { color: var(--accent); }
.legend { display: flex; align-items: center; gap: 0.5rem; margin-top: 0.75rem; }
.legend i { flex: 0 0 8rem; height: 0.7rem; border-radius: 0.2rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1rem; }
.charts > * { min-width: 0; }
.chart { min-height: 18rem; margin-top: 0.5rem; }
.chart .u-legend { margin-top: 0.5rem; font-size: 0.8rem; text-align: left; }
.chart .u-legend tr { margin-right: 0.75rem; }
.chart .u-legend :is(th, td) { border: 0; padding: 0; color: var(--quiet); }
.chart .u-legend th { font-weight: 400; }
.chart .u-legend td { color: var(--text); min-width: 2.6rem; padding-left: 0.35rem; text-align: left; }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1rem; align-items: start; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.4rem; }
th { text-align: left; font-weight: 400; color: var(--quiet); padding-right: 1rem; white-space: nowrap; }
td { text-align: right; overflow-wrap: anywhere; }
th, td { padding-block: 0.3rem; border-top: 1px solid var(--line); vertical-align: top; }
thead th { border: 0; }
thead th:not(:first-child) { text-align: right; padding-right: 0; }
thead th:not(:first-child), tbody td { padding-left: 0.75rem; }
.scroll { overflow-x: auto; }
li { overflow-wrap: anywhere; margin-bottom: 0.3rem; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--accent); }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
