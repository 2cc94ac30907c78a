import {
  byFault,
  type Examination,
  type ExaminedClip,
  faults,
  type Problem,
  problemText,
} from "@hawksbill/dataset";
import { count, duration } from "../format.js";
import { Html, html } from "../report/html.js";
import { type Recording, recordingCards } from "../report/recording.js";
import { style } from "../report/style.js";
import { histogram, scatter } from "./doctor-pictures.js";

/** Players on the page: each takes half a megabyte. */
const mostRecordings = 12;
/** Of one fault, so that each gets some. */
const mostRecordingsOfFault = 2;

/** What was found in a dataset in one page that needs no other file: to see and to hear. */
export async function doctorPage(examination: Examination): Promise<string> {
  const { name, clips, leftOut, doubts } = examination;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${headline(examination)} · Hawksbill</title>
<style>${new Html(style)}
figure svg { width: 100%; height: auto; margin-top: 0.5rem; }
figure svg text { font-size: 11px; fill: var(--quiet); }
</style>
</head>
<body>
<header>
<p class="eyebrow">Hawksbill doctor</p>
<h1>${headline(examination)}</h1>
<p class="quiet">${name}</p>
</header>
<main>
${facts(examination)}
${clips.length === 0 ? "" : pictures(examination)}
${problems("Left out", "These are not learnt from.", leftOut)}
${problems("Worth a look", "These are learnt from as they are.", doubts)}
${await recordings(examination)}
${tables(clips)}
</main>
</body>
</html>
`;
  return page.text;
}

function headline({ clips, leftOut, doubts }: Examination): string {
  const seconds = clips.reduce((sum, clip) => sum + clip.seconds, 0);
  const found = leftOut.length + doubts.length;
  return `${count(clips.length, "clip")}, ${duration(seconds)}: ${found === 0 ? "nothing is wrong" : count(found, "problem")}`;
}

function facts({ clips, leftOut, doubts }: Examination): Html {
  const fact = (title: string, value: string): Html =>
    html`<div class="card"><dt>${title}</dt><dd>${value}</dd></div>`;
  const speakers = new Set(clips.map(({ speaker = "" }) => speaker)).size;
  return html`<dl class="facts">
${fact("Usable clips", `${clips.length}`)}
${fact("Speech", duration(clips.reduce((sum, { seconds }) => sum + seconds, 0)))}
${fact("Speakers", `${speakers}`)}
${fact("Left out", `${leftOut.length}`)}
${fact("Worth a look", `${doubts.length}`)}
</dl>`;
}

function pictures({ clips, doubts }: Examination): Html {
  const odd = new Set(
    doubts.filter(({ fault }) => fault.startsWith("text-too-")).map(({ id }) => id),
  );
  const points = clips.map(({ id, seconds, characterCount }) => ({
    x: seconds,
    y: characterCount,
    name: id,
    isMarked: odd.has(id),
  }));
  const of = (value: (clip: ExaminedClip) => number): number[] => clips.map(value);
  return html`<section aria-labelledby="pictures"><h2 id="pictures">Pictures</h2>
<div class="charts">
${histogram(
  "Length",
  of(({ seconds }) => seconds),
  { unit: "s" },
)}
${scatter("Text and length", points, { x: "s", y: "characters" })}
${histogram(
  "Loudness of the speech",
  of(({ measures }) => measures.speechDb),
  { unit: "dB" },
)}
${histogram(
  "Noise between the words",
  of(({ measures }) => measures.noiseDb),
  { unit: "dB" },
)}
${histogram(
  "Highest frequency",
  of(({ measures }) => measures.bandwidthHz / 1000),
  { unit: "kHz" },
)}
${histogram(
  "Silence after the speech",
  of(({ measures }) => measures.silenceAfterSeconds),
  { unit: "s", digits: 2 },
)}
</div></section>`;
}

function problems(title: string, note: string, found: readonly Problem[]): Html | string {
  if (found.length === 0) return "";
  const id = title.toLowerCase().replaceAll(" ", "-");
  const groups = [...byFault(found)].map(
    ([
      fault,
      own,
    ]) => html`<details${new Html(own.length <= 10 ? " open" : "")}><summary>${faults[fault].title}: ${own.length}</summary>
<ul>${own.map((problem) => html`<li>${problemText(problem)}</li>`)}</ul></details>`,
  );
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2><p class="quiet">${note}</p>${groups}</section>`;
}

/** Some of the clips that deserve a look, to be seen and heard. */
async function recordings({ clips, doubts, read }: Examination): Promise<Html | string> {
  const byId = new Map(clips.map((clip) => [clip.id, clip]));
  const shown = new Map<string, Recording>();
  for (const [fault, own] of byFault(doubts))
    for (const { id } of own.slice(0, mostRecordingsOfFault)) {
      const clip = byId.get(id);
      if (!clip || shown.has(id) || shown.size >= mostRecordings) continue;
      const audio = { samples: (await read(clip)).samples, sampleRateHz: 22_050 };
      shown.set(id, { title: id, note: `${faults[fault].title}: “${clip.text}”`, audio });
    }
  if (shown.size === 0) return "";
  return html`<section aria-labelledby="listen"><h2 id="listen">Listen</h2>${recordingCards([...shown.values()])}</section>`;
}

function tables(clips: readonly ExaminedClip[]): Html {
  const rates = totals(clips, ({ measures }) => `${measures.sampleRateHz} Hz`);
  const channels = totals(clips, ({ measures }) => count(measures.channelCount, "channel"));
  const speakers = totals(clips, ({ speaker = "(one speaker)" }) => speaker);
  return html`<section aria-labelledby="tables"><h2 id="tables">Files</h2><div class="tables">
${table("Sample rates", rates)}${table("Channels", channels)}${table("Speakers", speakers)}
</div></section>`;
}

type Total = readonly [name: string, clips: number, seconds: number];

function totals(clips: readonly ExaminedClip[], nameOf: (clip: ExaminedClip) => string): Total[] {
  const sums = new Map<string, Total>();
  for (const clip of clips) {
    const name = nameOf(clip);
    const [, number = 0, seconds = 0] = sums.get(name) ?? [];
    sums.set(name, [name, number + 1, seconds + clip.seconds]);
  }
  return [...sums.values()].sort((a, b) => b[2] - a[2]).slice(0, 20);
}

function table(caption: string, rows: readonly Total[]): Html {
  return html`<div class="card"><table><caption>${caption}</caption><tbody>${rows.map(([name, clips, seconds]) => html`<tr><th scope="row">${name}</th><td>${count(clips, "clip")}</td><td>${duration(seconds)}</td></tr>`)}</tbody></table></div>`;
}
