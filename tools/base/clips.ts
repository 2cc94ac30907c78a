import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AR_MEL, arMel, decodeMono, type Mel, resample } from "@hawksbill/audio";

/** One clip of the corpus that `corpus.mjs` made. */
export interface CorpusClip {
  readonly id: string;
  readonly text: string;
  readonly speaker: string;
  readonly mel: Mel;
}

/** All clips of a corpus folder; their mels are kept in one file there, so that the next run is quick. */
export async function readClips(folder: string): Promise<CorpusClip[]> {
  const rows = readFileSync(join(folder, "metadata.csv"), "utf8").trim().split("\n");
  const cache = join(folder, "mels.bin");
  const index = join(folder, "mels.json");
  if (!existsSync(index)) {
    const mels: Mel[] = [];
    for (const row of rows) {
      const [id] = row.split("|");
      const { samples, sampleRateHz } = await decodeMono(
        readFileSync(join(folder, "wavs", `${id}.wav`)),
      );
      mels.push(arMel(resample(samples, sampleRateHz, AR_MEL.sampleRateHz)));
    }
    writeFileSync(cache, Buffer.concat(mels.map(({ data }) => Buffer.from(data.buffer))));
    writeFileSync(index, JSON.stringify(mels.map(({ frames }) => frames)));
  }
  const frameCounts = JSON.parse(readFileSync(index, "utf8")) as number[];
  const { buffer } = new Uint8Array(readFileSync(cache));
  let offset = 0;
  return rows.map((row, i) => {
    const [id = "", text = "", speaker = ""] = row.split("|");
    const frames = frameCounts[i] ?? 0;
    const bands = AR_MEL.bands;
    const data = new Float32Array(buffer, offset, bands * frames);
    offset += data.byteLength;
    return { id, text, speaker, mel: { data, bands, frames } };
  });
}

/** Clips of every fiftieth sentence, over all speakers: their sentences are heard in no other clip. */
export function splitClips(clips: readonly CorpusClip[]): {
  train: CorpusClip[];
  heldOut: CorpusClip[];
} {
  const texts = [...new Set(clips.map(({ text }) => text))].sort();
  const held = new Set(texts.filter((_, i) => i % 50 === 0));
  return {
    train: clips.filter(({ text }) => !held.has(text)),
    heldOut: clips.filter(({ text }) => held.has(text)),
  };
}

/** The clips of further corpora whose sentences are not held out; all corpora name their clips alike. */
export async function readMoreClips(
  folders: readonly string[],
  heldOut: readonly CorpusClip[],
): Promise<CorpusClip[]> {
  const measured = new Set(heldOut.map(({ text }) => text));
  const corpora: CorpusClip[][] = [];
  for (const folder of folders)
    corpora.push(
      (await readClips(folder))
        .filter(({ text }) => !measured.has(text))
        .map((clip) => ({ ...clip, id: `${folder}/${clip.id}` })),
    );
  return corpora.flat();
}
