import { type Audio, encodeWav, type Mel } from "@hawksbill/audio";
import { interpolateMagma } from "d3-scale-chromatic";
import { dataUri, type Html, html } from "./html.js";
import {
  type ColorRange,
  colorRange,
  frameSeconds,
  heightOf,
  melPicture,
  pictureMel,
  rangeDecibels,
} from "./mel-picture.js";

/** A sound of the report. */
export interface Recording {
  readonly title: string;
  /** What it is, in a few words. */
  readonly note: string;
  readonly audio: Audio;
}

/** The recordings, each with a player and its mel, on one scale of time and of colours. */
export function recordingCards(recordings: readonly Recording[]): Html {
  const mels = recordings.map(({ audio }) => pictureMel(audio.samples));
  const range = colorRange(mels);
  const frames = framesShown(mels);
  const cards = recordings.map(
    (recording, i) => html`
<article class="card recording">
<header><h3>${recording.title}</h3><span class="quiet">${recording.note}</span></header>
<audio controls preload="metadata" aria-label="${recording.title}" src="${dataUri("audio/wav", encodeWav(recording.audio))}"></audio>
${melFigure(mels[i] as Mel, range, frames, recording.title)}
</article>`,
  );
  return html`<div class="recordings">${cards}</div>${legend()}`;
}

/** Pictures have the width of the longest, but babble to the length limit shall not make speech tiny. */
function framesShown(mels: readonly Mel[]): number {
  const [reference = 1, ...others] = mels.map(({ frames }) => frames);
  return Math.max(reference, Math.min(Math.max(reference, ...others), Math.round(reference * 1.6)));
}

const frequencies = [500, 1000, 2000, 4000];

function melFigure(mel: Mel, range: ColorRange, framesShown: number, title: string): Html {
  const frames = Math.min(mel.frames, framesShown);
  const width = ((100 * frames) / framesShown).toFixed(2);
  const picture = dataUri("image/png", melPicture(mel, range, frames));
  const cut =
    mel.frames > frames
      ? html`<p class="quiet">The picture shows the first ${frameSeconds(frames).toFixed(1)} of ${frameSeconds(mel.frames).toFixed(1)} s.</p>`
      : "";
  return html`<figure class="mel">
<div class="hz" aria-hidden="true">${frequencies.map((hz) => html`<span style="bottom:${(100 * heightOf(hz)).toFixed(1)}%">${hz}${hz === 4000 ? " Hz" : ""}</span>`)}</div>
<div class="canvas"><img style="width:${width}%" src="${picture}" alt="Mel spectrogram of ${title}: frequency from 0 to 8000 Hz over ${frameSeconds(frames).toFixed(1)} seconds"></div>
<div class="seconds" aria-hidden="true">${secondTicks(frameSeconds(framesShown))}</div>
</figure>${cut}`;
}

function secondTicks(seconds: number): Html[] {
  const step = [0.5, 1, 2].find((step) => seconds / step <= 8) ?? 5;
  const ticks = Array.from({ length: Math.floor((seconds * 0.97) / step) + 1 }, (_, i) => i * step);
  return ticks.map(
    (tick, i) =>
      html`<span style="left:${((100 * tick) / seconds).toFixed(2)}%">${tick}${i === ticks.length - 1 ? " s" : ""}</span>`,
  );
}

function legend(): Html {
  const stops = Array.from({ length: 9 }, (_, i) => interpolateMagma(i / 8)).join(", ");
  return html`<div class="legend quiet"><span>−${rangeDecibels} dB</span><i style="background:linear-gradient(to right, ${stops})"></i><span>loudest of all</span></div>`;
}
