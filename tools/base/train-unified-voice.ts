/**
 * Trains the small base's tokenizer and UnifiedVoice on the codes of its dVAE:
 * `npx tsx --conditions=@hawksbill/source tools/base/train-unified-voice.ts CORPUS OUT [STEPS] [MORE...]`.
 * Reads OUT/dvae.safetensors; writes OUT/tokenizer.json, OUT/unified-voice.safetensors (float32) every
 * 250 steps, and OUT/unified-voice.jsonl, a line a report. Goes on from OUT/unified-voice.safetensors if it
 * is there, with a schedule of its own. MORE are further corpora to train on, without the held-out sentences.
 */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mel } from "@hawksbill/audio";
import { readSafetensors, writeSafetensors } from "@hawksbill/checkpoint/node";
import {
  compile,
  disposeTree,
  openDevice,
  Random,
  scope,
  stack,
  type Tensor,
  tensor,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import { encodeMel } from "@hawksbill/dvae";
import { trainTokenizer } from "@hawksbill/text";
import { adamW, cosine, linearWarmup } from "@hawksbill/trainer";
import {
  type Batch,
  corruptCodes,
  initialise,
  makeBatch,
  trainingLosses,
  unifiedVoiceConfig,
} from "@hawksbill/unified-voice";
import { type CorpusClip, readClips, readMoreClips, splitClips } from "./clips.js";
import { randomWarp, warpMel } from "./warp-mel.js";

/** A clip to learn from: as it is (1) or warped by a factor. */
interface Spoken extends CorpusClip {
  readonly warp: number;
}

const [corpus, out, stepsText = "3000", ...more] = process.argv.slice(2);
if (!corpus || !out) throw new Error("usage: train-unified-voice.ts CORPUS OUT [STEPS] [MORE...]");
const steps = Number(stepsText);
const batchSize = 32;
const conditioningFrames = 128;
/** Share of the input codes that are replaced by random ones, so that the model has to read its text. */
const corruption = 0.1;
/** The text is worth more here than in fine-tuning: the model still has to learn to read. */
const textWeight = 0.05;

const device = await openDevice("cpu");
const random = new Random(3);
const { train: first, heldOut } = splitClips(await readClips(corpus));
/** Without the dVAE's reference, whose codes are like no other voice's, and eSpeak NG, at whose pace nobody speaks. */
const isWanted = ({ speaker }: CorpusClip): boolean => !/^(rms$|espeak)/.test(speaker);
const clips = [...first, ...(await readMoreClips(more, heldOut))].filter(isWanted);
/** Each clip as it is and warped, so that the codes of other speakers are known. */
const train = clips.flatMap((clip): Spoken[] => [
  { ...clip, warp: 1 },
  { ...clip, id: `${clip.id} warped`, warp: randomWarp(random) },
]);

const tokenizer = trainTokenizer(
  first.map(({ text }) => text),
  { vocabularySize: 255 },
);
writeFileSync(join(out, "tokenizer.json"), JSON.stringify(tokenizer.toJSON()));

const measured = heldOut.filter(isWanted).map((clip): Spoken => ({ ...clip, warp: 1 }));
const codesOf = await encodeAll([...train, ...measured]);
const config = unifiedVoiceConfig({
  layers: 6,
  modelDim: 192,
  maxTextTokens: 200,
  maxMelTokens: 300,
  textTokens: tokenizer.vocabularySize + 1,
  melCodes: 1024 + 2,
  conditioningBlocks: 3,
});
const weightsFile = join(out, "unified-voice.safetensors");
const weights = existsSync(weightsFile)
  ? (await readSafetensors(weightsFile)).tensors
  : initialise(config, random.fork("weights"));
const parameterCount = Object.values(weights).reduce((sum, { size }) => sum + size, 0);
console.log(`${train.length} clips, ${heldOut.length} held out, ${parameterCount} weights`);

const step = compile(
  (w: Weights, batch: Batch) =>
    valueAndGradWithAux((p: Weights) => {
      const { loss, mel, text } = trainingLosses(p, batch, config, { textWeight });
      return { loss, aux: { mel, text } };
    })(w),
  { device, name: "unified voice step", maxPrograms: 24 },
);
const evaluate = compile(
  (w: Weights, batch: Batch) => {
    const { mel, text } = trainingLosses(w, batch, config);
    return { mel, text };
  },
  { device, name: "unified voice evaluation", maxPrograms: 24 },
);

/** Each clip's codes by its id; clips of one length are encoded together. */
async function encodeAll(clips: readonly Spoken[]): Promise<Map<string, Int32Array>> {
  const { tensors: dvae } = await readSafetensors(join(out as string, "dvae.safetensors"));
  const encode = compile((mels: Tensor[]) => encodeMel(dvae, stack(mels, 0)), {
    device,
    name: "encode",
    maxPrograms: 2,
  });
  const codes = new Map<string, Int32Array>();
  const sorted = [...clips].sort((a, b) => a.mel.frames - b.mel.frames);
  for (let first = 0; first < sorted.length; ) {
    const frames = sorted[first]?.mel.frames;
    let end = first;
    while (end < sorted.length && end - first < 32 && sorted[end]?.mel.frames === frames) end++;
    const same = sorted.slice(first, end);
    await scope(async () => {
      const mels = same.map(({ mel, warp }) => {
        const { data, bands, frames } = warpMel(mel, warp);
        return tensor(data, { shape: [bands, frames] });
      });
      const result = await encode(mels);
      const data = result.dataSync() as Int32Array;
      const count = data.length / same.length;
      same.forEach(({ id }, i) => {
        codes.set(id, data.slice(i * count, (i + 1) * count));
      });
    });
    first = end;
  }
  await encode.release();
  return codes;
}

/** A random stretch of a clip, warped; short clips are repeated. */
function conditioning({ mel }: CorpusClip, warp: number, choose: Random): Mel {
  const { bands, frames, data } = mel;
  const start = choose.integer(Math.max(1, frames - conditioningFrames + 1));
  const window = new Float32Array(bands * conditioningFrames);
  for (let band = 0; band < bands; band++)
    for (let t = 0; t < conditioningFrames; t++)
      window[band * conditioningFrames + t] = data[band * frames + ((start + t) % frames)] ?? 0;
  return warpMel({ data: window, bands, frames: conditioningFrames }, warp);
}

const bySpeaker = new Map<string, CorpusClip[]>();
for (const clip of clips)
  bySpeaker.set(clip.speaker, [...(bySpeaker.get(clip.speaker) ?? []), clip]);

function batchOf(clips: readonly Spoken[], texts: readonly string[], choose: Random): Batch {
  return makeBatch(
    clips.map(({ id, speaker, warp }, i) => {
      const others = bySpeaker.get(speaker) as CorpusClip[];
      const other = others[choose.integer(others.length)] as CorpusClip;
      return {
        tokens: tokenizer.encode(texts[i] ?? ""),
        codes: codesOf.get(id) ?? [],
        conditioning: [conditioning(other, warp, choose)],
      };
    }),
    config,
    { padTo: 16 },
  );
}

/** Batches of clips of about one length, in random order. */
function* epoch(clips: readonly Spoken[], choose: Random): Generator<Spoken[]> {
  const length = (clip: Spoken): number => clip.mel.frames + 60 * choose.next();
  const keyed = clips.map((clip) => ({ clip, key: length(clip) })).sort((a, b) => a.key - b.key);
  const groups: Spoken[][] = [];
  for (let i = 0; i < keyed.length; i += batchSize)
    groups.push(keyed.slice(i, i + batchSize).map(({ clip }) => clip));
  yield* choose.shuffle(groups);
}

/** Held-out losses; `wrongText` is the mel loss with another clip's sentence: the gap is what reading is worth. */
async function report(): Promise<{ mel: number; text: number; wrongText: number }> {
  const choose = new Random(4);
  const totals = { mel: 0, text: 0, wrongText: 0 };
  const groups = [...epoch(measured, choose)];
  for (const clips of groups)
    await scope(async () => {
      const texts = clips.map(({ text }) => text);
      const right = await evaluate(weights, batchOf(clips, texts, choose));
      const wrong = await evaluate(weights, batchOf(clips, choose.shuffle(texts), choose));
      totals.mel += (await right.mel.item()) / groups.length;
      totals.text += (await right.text.item()) / groups.length;
      totals.wrongText += (await wrong.mel.item()) / groups.length;
    });
  return totals;
}

const optimizer = adamW(weights, { betas: [0.9, 0.98], weightDecay: 0.02 });
const learningRate = existsSync(weightsFile) ? 1e-3 : 1.5e-3;
const schedule = linearWarmup(
  cosine(learningRate, { steps: Math.max(1, steps - 150), final: 3e-5 }),
  { steps: 150 },
);
const choose = random.fork(existsSync(weightsFile) ? "more batches" : "batches");
const began = performance.now();
let done = 0;
let recent = 0;
while (done < steps) {
  for (const clips of epoch(train, choose)) {
    if (done === steps) break;
    const batch = batchOf(
      clips,
      clips.map(({ text }) => text),
      choose,
    );
    corruptCodes(batch, config, { share: corruption, random: choose });
    const { grads, aux, value } = await step(weights, batch);
    optimizer.step(weights, grads, { learningRate: schedule(done), clip: { norm: 1, by: "all" } });
    const mel = await aux.mel.item();
    recent = recent === 0 ? mel : 0.98 * recent + 0.02 * mel;
    disposeTree([grads, aux, value]);
    for (const x of [batch.ids, batch.positions, batch.textTargets, batch.melTargets]) x.dispose();
    batch.conditioning.dispose();
    done++;
    if (done % 100 === 0 || done === 1) {
      const seconds = Math.round((performance.now() - began) / 1000);
      const line = JSON.stringify({
        step: done,
        seconds,
        trainMel: recent,
        heldOut: await report(),
      });
      console.log(line);
      appendFileSync(join(out, "unified-voice.jsonl"), `${line}\n`);
    }
    if (done % 250 === 0 || done === steps) await writeSafetensors(weightsFile, weights);
  }
}
