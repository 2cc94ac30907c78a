/**
 * How well the small base is understood, and how it takes to settings of fine-tuning:
 * `npx tsx --conditions=@hawksbill/source tools/base/measure.ts words | recordings | dvae | voice | settings | own CORPUS [--model FOLDER]`.
 *
 * "words" needs sox and pocketsphinx (see recognise.mjs): word error rates on the embedded voice's clips, through
 * Griffin-Lim, through the dVAE, and spoken; "recordings": all clips, nothing else; "dvae": only as far as the dVAE. "voice": how far the sound of the speech is from the
 * recordings'. "settings": held-out mel losses of short fine-tunings. "own": word error rates of the base in the voices
 * that it learnt from, on held-out sentences of the corpus.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Audio, encodeWav, MEL_NORMS, type Mel } from "@hawksbill/audio";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { type Clip, prepareDataset } from "@hawksbill/dataset";
import { openFolder } from "@hawksbill/dataset/node";
import { Dvae } from "@hawksbill/dvae";
import { adaptDecoder, disposeModel, finetune, type Model, speak } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { griffinLim } from "@hawksbill/vocoder";
import { type CorpusClip, readClips, splitClips } from "./clips.js";
import { recognise, wordErrorRate } from "./recognise.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: "string", default: fileURLToPath(modelFolder) } },
});
const device = await openDevice("cpu");
const open = (): Promise<Model> => openModel(values.model);
const model = await open();
const files = await openFolder(fileURLToPath(voiceFolder));
const { clips } = await prepareDataset(files, { tokenizer: model.tokenizer });
const training = clips.slice(0, -6); // As in the demo.
const some = clips.slice(-64); // Recognition takes seconds a clip.
const heldOut = clips.slice(-6);

/** Prints the mean word error rate of what `sound` gives for clips. */
async function words<C extends { id: string; text: string }>(
  what: string,
  of: readonly C[],
  sound: (clip: C) => Audio | Promise<Audio>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hawksbill-words-"));
  let sum = 0;
  for (const clip of of) {
    const path = join(folder, `${clip.id}.wav`);
    writeFileSync(path, encodeWav(await sound(clip)));
    sum += wordErrorRate(clip.text, await recognise(path));
  }
  rmSync(folder, { recursive: true });
  console.log(`${(sum / of.length).toFixed(2)}  ${what}, ${of.length} clips`);
}

async function resynthesis(what: string, of: readonly Clip[]): Promise<void> {
  const dvae = Dvae.create(model.dvae, device);
  await words(what, of, async ({ mel }) => griffinLim(await dvae.decode(await dvae.encode(mel))));
  await dvae.dispose();
}

async function spoken(what: string): Promise<void> {
  const voice = training.map(({ mel }) => mel);
  let stopped = 0;
  for (const seed of [0, 1, 2])
    await words(`${what}, seed ${seed}`, heldOut, async ({ text }) => {
      const speech = await speak({ model, text, voice, device, seed });
      if (speech.stopped) stopped++;
      return speech.audio;
    });
  console.log(`      ${stopped} of 18 ended by themselves`);
}

async function measureDvae(): Promise<void> {
  await resynthesis("dVAE as it is", some);
  const unheard = clips.slice(-20); // More than the demo's six: each clip says little.
  const heard = clips.slice(0, -20);
  for await (const _ of adaptDecoder({ model, clips: heard, device, steps: 600 }));
  await resynthesis("dVAE fitted to the other clips", unheard);
}

async function measureWords(): Promise<void> {
  await words("recording", some, ({ samples }) => ({ samples, sampleRateHz: 22050 }));
  await words("recording, held out", heldOut, ({ samples }) => ({ samples, sampleRateHz: 22050 }));
  await words("mel and Griffin-Lim", some, ({ mel }) => griffinLim(mel));
  await resynthesis("dVAE as it is", some);
  await spoken("spoken by the base");
  const ids = heldOut.map(({ id }) => id);
  for await (const event of finetune({
    model,
    clips,
    device,
    steps: 80,
    batchSize: 24,
    heldOut: ids,
  }))
    if (event.type === "evaluation") console.log(`step ${event.step}: ${event.metrics.mel}`);
  for await (const _ of adaptDecoder({ model, clips: training, device, steps: 600 }));
  await resynthesis("dVAE fitted to the voice, clips it was fitted on", some.slice(0, -6));
  await resynthesis("dVAE fitted to the voice, held out", heldOut);
  await spoken("spoken after fine-tuning");
}

/** Level of each band in decibels, mean over the louder half of the frames. */
function timbre({ data, bands, frames }: Mel): Float64Array {
  const decibels = (band: number, t: number): number =>
    ((data[band * frames + t] ?? 0) * (MEL_NORMS[band] ?? 1) * 10) / Math.LN10;
  const levels = Float64Array.from({ length: frames }, (_, t) => {
    let sum = 0;
    for (let band = 0; band < bands; band++) sum += decibels(band, t);
    return sum / bands;
  });
  const median = [...levels].sort((a, b) => a - b)[frames >> 1] ?? 0;
  const loud = [...levels.keys()].filter((t) => (levels[t] ?? 0) >= median);
  return Float64Array.from({ length: bands }, (_, band) =>
    loud.reduce((sum, t) => sum + decibels(band, t) / loud.length, 0),
  );
}

/** Mean of several timbres. */
function meanTimbre(mels: readonly Mel[]): Float64Array {
  const all = mels.map(timbre);
  return Float64Array.from(all[0] ?? [], (_, band) =>
    all.reduce((sum, one) => sum + (one[band] ?? 0) / all.length, 0),
  );
}

/** Root mean square over bands, in decibels, loudness aside. */
function timbreDistance(a: Float64Array, b: Float64Array): number {
  const differences = a.map((x, band) => x - (b[band] ?? 0));
  const level = differences.reduce((sum, d) => sum + d, 0) / differences.length;
  return Math.sqrt(differences.reduce((sum, d) => sum + (d - level) ** 2, 0) / differences.length);
}

async function measureVoice(): Promise<void> {
  const voice = training.map(({ mel }) => mel);
  const own = meanTimbre(voice);
  const others = heldOut.map(({ mel }) => mel);
  console.log(`${timbreDistance(meanTimbre(others), own).toFixed(1)} dB  held-out recordings`);
  const report = async (what: string): Promise<void> => {
    for (const seed of [0, 1, 2]) {
      const mels: Mel[] = [];
      for (const { text } of heldOut)
        mels.push((await speak({ model, text, voice, device, seed })).mel);
      console.log(
        `${timbreDistance(meanTimbre(mels), own).toFixed(1)} dB  spoken ${what}, seed ${seed}`,
      );
    }
  };
  await report("by the base");
  const ids = heldOut.map(({ id }) => id);
  for await (const _ of finetune({ model, clips, device, steps: 80, batchSize: 24, heldOut: ids }));
  await report("after fine-tuning UnifiedVoice");
  for await (const _ of adaptDecoder({ model, clips: training, device, steps: 600 }));
  await report("after fitting the decoder, too");
}

async function measureSettings(): Promise<void> {
  const ids = heldOut.map(({ id }) => id);
  console.log("rate  replaced  steps  before  best  last");
  for (const [learningRate, corruption, steps] of [
    [4e-4, 0.2, 80],
    [4e-4, 0.4, 80],
    [8e-4, 0.1, 80],
    [8e-4, 0.2, 160],
  ] as const) {
    const fresh = await open();
    const losses: number[] = [];
    const options = {
      steps,
      batchSize: 24,
      evaluateEvery: 20,
      heldOut: ids,
      learningRate,
      corruption,
    };
    for await (const event of finetune({ model: fresh, clips, device, ...options }))
      if (event.type === "evaluation") losses.push(event.metrics.mel ?? Number.NaN);
    disposeModel(fresh);
    const shown = [losses[0], Math.min(...losses), losses.at(-1)].map((x) => x?.toFixed(2));
    console.log(learningRate, corruption, steps, ...shown);
  }
}

/** Through the dVAE and spoken, by the voices of the base itself: ten held-out sentences each. */
async function measureOwnVoices(corpus: string): Promise<void> {
  const { train, heldOut: measured } = splitClips(await readClips(corpus));
  const dvae = Dvae.create(model.dvae, device);
  for (const speaker of ["rms", "awb"]) {
    const isOwn = (clip: CorpusClip): boolean => clip.speaker === speaker;
    const own = measured.filter(isOwn).slice(0, 10);
    const voice = train.filter((clip) => isOwn(clip) && clip.mel.frames > 130).slice(0, 8);
    const mels = voice.map(({ mel }) => mel);
    await words(`dVAE, ${speaker}`, own, async ({ mel }) =>
      griffinLim(await dvae.decode(await dvae.encode(mel))),
    );
    for (const seed of [0, 1, 2])
      await words(`spoken, ${speaker}, seed ${seed}`, own, async ({ text }) => {
        return (await speak({ model, text, voice: mels, device, seed })).audio;
      });
  }
  await dvae.dispose();
}

const [what, corpus] = positionals;
if (what === "words") await measureWords();
else if (what === "recordings")
  await words("recording", clips, ({ samples }) => ({ samples, sampleRateHz: 22050 }));
else if (what === "dvae") await measureDvae();
else if (what === "voice") await measureVoice();
else if (what === "settings") await measureSettings();
else if (what === "own" && corpus) await measureOwnVoices(corpus);
else
  throw new Error(
    `measure.ts: "${what}" is not known; give words, recordings, dvae, voice, settings or own CORPUS`,
  );
