/**
 * Trains the small base's dVAE: `npx tsx --conditions=@hawksbill/source tools/base/train-dvae.ts PARALLEL OUT [STEPS] [MORE...]`.
 * Writes OUT/dvae.safetensors (float32) every 500 steps and OUT/dvae.jsonl, a line a report. Goes on from
 * OUT/dvae.safetensors if it is there, with a schedule of its own. MORE are further corpora, of which it takes the
 * reference's clips.
 *
 * Its codes say what is said and how, and as little as can be of who says it: the encoder hears a sentence in any voice,
 * warped at random, and the decoder has to give back what the reference said, at that pace. So the codes
 * of a new voice are among those that UnifiedVoice knows, and the decoder can be fitted to the voice.
 *
 * The bands of the mel are divided by very different numbers, so a plain mean squared error would hardly hear
 * the formants above 1 kHz. Here each band's error counts as it is in the logarithm, before that division.
 */
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { MEL_NORMS, type Mel } from "@hawksbill/audio";
import { readSafetensors, writeSafetensors } from "@hawksbill/checkpoint/node";
import {
  abs,
  add,
  cast,
  compile,
  disposeTree,
  div,
  greater,
  iota,
  mul,
  openDevice,
  Random,
  scope,
  sigmoid,
  sub,
  sum,
  type Tensor,
  tensor,
  unsqueeze,
  valueAndGradWithAux,
  type Weights,
} from "@hawksbill/core";
import {
  type DvaeConfig,
  dvaeLosses,
  initialiseDvae,
  splitDvae,
  updateCodebook,
} from "@hawksbill/dvae";
import { adamW, cosine, linearWarmup } from "@hawksbill/trainer";
import { alignMel } from "./align-mel.js";
import { type CorpusClip, readClips, readMoreClips, splitClips } from "./clips.js";
import { PARALLEL_SPEAKERS } from "./corpus-speakers.mjs";
import { randomWarp, warpMel } from "./warp-mel.js";

const [parallel, out, stepsText = "5000", ...more] = process.argv.slice(2);
if (!parallel || !out) throw new Error("usage: train-dvae.ts PARALLEL OUT [STEPS] [MORE...]");
const steps = Number(stepsText);
const batchSize = 32;
const cropFrames = 128;

const device = await openDevice("cpu");
const random = new Random(1);
/** Whom the decoder gives back, whoever the encoder heard. */
const reference = PARALLEL_SPEAKERS[0]?.[0]?.id ?? "";
const corpus = splitClips(await readClips(parallel));
/** What it says itself is given back exactly: what others say is brought to their pace, which blurs it. */
const own = (await readMoreClips(more, corpus.heldOut)).filter(
  ({ speaker }) => speaker === reference,
);
const train = [...pairs(corpus.train), ...own.map(({ mel }): Pair => ({ heard: mel, said: mel }))];
const heldOut = pairs(corpus.heldOut);
const config: DvaeConfig = {
  channels: 80,
  tokens: 1024,
  codebookDim: 128,
  hiddenDim: 96,
  resnetBlocks: 3,
  layers: 2,
  kernelSize: 3,
};
const weightsFile = join(out, "dvae.safetensors");
const goesOn = existsSync(weightsFile);
let weights: Weights = goesOn
  ? (await readSafetensors(weightsFile)).tensors
  : initialiseDvae(config, random.fork("weights"));
/** What each band of the mel was divided by. */
const norms = tensor(MEL_NORMS, { shape: [80, 1] });
/** Of the mean absolute error of the logarithmic mel, beside a commitment loss of 0.25. */
const reconstructionWeight = 0.1;
const optimizer = adamW(splitDvae(weights).parameters, { betas: [0.9, 0.99], weightDecay: 1e-4 });
const schedule = linearWarmup(cosine(8e-4, { steps: steps - 100, final: 2e-5 }), { steps: 100 });

const step = compile(
  (parameters: Weights, codebook: Weights, { mel, target, frames }: Crops) =>
    valueAndGradWithAux((p: Weights) => {
      const losses = dvaeLosses({ ...p, ...codebook }, mel, { frames });
      const { commitmentLoss, encoded, codes } = losses;
      const reconstructionLoss = heard(losses.reconstruction, target, frames);
      const loss = add(mul(reconstructionLoss, reconstructionWeight), mul(commitmentLoss, 0.25));
      return { loss, aux: { reconstructionLoss, encoded, codes } };
    })(parameters),
  { device, name: "dvae step" },
);

/**
 * Mean absolute error of the logarithmic mel over the frames that count. What is nearly silent counts
 * for less: it is hardly heard, and hard to foretell.
 */
function heard(reconstruction: Tensor, mel: Tensor, frames: Tensor): Tensor {
  const counts = greater(unsqueeze(frames, 1), iota(cropFrames)); // [B, T]
  const mask = unsqueeze(cast(counts, "float32"), 1); // [B, 1, T]
  const loudness = add(mul(sigmoid(add(mul(mel, norms), 6)), 0.7), 0.3); // -6 in natural log power is soft speech.
  const errors = mul(mul(abs(mul(sub(reconstruction, mel), norms)), loudness), mask);
  return div(sum(errors), mul(sum(mask), 80));
}

const evaluate = compile(
  (all: Weights, { mel, target, frames }: Crops) => {
    const { reconstruction, codes } = dvaeLosses(all, mel, { frames });
    return { heard: heard(reconstruction, target, frames), codes };
  },
  { device, name: "dvae evaluation" },
);

type Crops = {
  /** What the encoder hears, [batch, 80, cropFrames], zeros behind short clips. */
  readonly mel: Tensor;
  /** What the decoder has to say, as large. */
  readonly target: Tensor;
  /** How much of each counts, [batch]. */
  readonly frames: Tensor;
};

/** What the encoder hears, and what the decoder has to give back, as long. */
interface Pair {
  readonly heard: Mel;
  readonly said: Mel;
}

/** Clips of all voices but the reference's, and what that said at their pace. */
function pairs(clips: readonly CorpusClip[]): Pair[] {
  const isOwn = ({ speaker }: CorpusClip): boolean => speaker === reference;
  const own = new Map(clips.filter(isOwn).map(({ text, mel }) => [text, mel]));
  return clips.flatMap((clip): Pair[] => {
    const said = own.get(clip.text);
    if (!said || isOwn(clip)) return [];
    return [{ heard: clip.mel, said: alignMel(said, clip.mel) }];
  });
}

/** Random stretches of clips, warped at random or, in half of them, as they are. */
function crops(clips: readonly Pair[], choose: Random): Crops {
  const mel = new Float32Array(batchSize * 80 * cropFrames);
  const target = new Float32Array(mel.length);
  const counts = new Int32Array(batchSize);
  for (let b = 0; b < batchSize; b++) {
    const pair = clips[choose.integer(clips.length)] as Pair;
    const { frames } = pair.heard;
    const length = Math.min(cropFrames, frames - (frames % 4));
    const start = choose.integer(frames - length + 1);
    const warp = choose.next() < 0.5 ? 1 : randomWarp(choose);
    counts[b] = length;
    put(warpMel(crop(pair.heard, start, length), warp), mel, b);
    put(crop(pair.said, start, length), target, b);
  }
  const shape = [batchSize, 80, cropFrames];
  return {
    mel: tensor(mel, { shape }),
    target: tensor(target, { shape }),
    frames: tensor(counts),
  };
}

function crop({ data, bands, frames }: Mel, start: number, length: number): Mel {
  const piece = new Float32Array(bands * length);
  for (let band = 0; band < bands; band++) {
    const from = band * frames + start;
    piece.set(data.subarray(from, from + length), band * length);
  }
  return { data: piece, bands, frames: length };
}

/** Writes a mel to its place in a batch, at the front of its row. */
function put({ data, bands, frames }: Mel, batch: Float32Array, item: number): void {
  for (let band = 0; band < bands; band++)
    batch.set(
      data.subarray(band * frames, (band + 1) * frames),
      (item * bands + band) * cropFrames,
    );
}

async function heldOutReport(): Promise<{ heard: number; codesInUse: number }> {
  const same = new Random(2);
  const used = new Set<number>();
  let loss = 0;
  const rounds = 8;
  for (let i = 0; i < rounds; i++)
    await scope(async () => {
      const result = await evaluate(weights, crops(heldOut, same));
      loss += (await result.heard.item()) / rounds;
      for (const code of result.codes.dataSync()) used.add(Number(code));
    });
  return { heard: loss, codesInUse: used.size };
}

mkdirSync(out, { recursive: true });
const choose = random.fork(goesOn ? "more crops" : "crops");
const restarts = random.fork("restarts");
const began = performance.now();
for (let i = 1; i <= steps; i++) {
  const batch = crops(train, choose);
  const { parameters, codebook } = splitDvae(weights);
  const { aux, grads } = await step(parameters, codebook, batch);
  optimizer.step(parameters, grads, {
    learningRate: schedule(i - 1),
    clip: { norm: 1, by: "all" },
  });
  const codeCounts = (batch.frames.dataSync() as Int32Array).map((n) => n / 4);
  const moved = updateCodebook(weights, aux, {
    codeCounts,
    // Late restarts would unsettle codes that the decoder already knows.
    restart: i < steps * 0.7 && i % 10 === 0 ? { random: restarts, below: 0.25 } : undefined,
  });
  const loss = await aux.reconstructionLoss.item();
  disposeTree([codebook, batch, aux, grads]);
  weights = { ...parameters, ...moved.codebook };
  if (i % 100 === 0 || i === 1) {
    const report = {
      step: i,
      seconds: Math.round((performance.now() - began) / 1000),
      loss,
      restarted: moved.restarted,
      heldOut: await heldOutReport(),
    };
    console.log(JSON.stringify(report));
    appendFileSync(join(out, "dvae.jsonl"), `${JSON.stringify(report)}\n`);
  }
  if (i % 500 === 0 || i === steps) await writeSafetensors(weightsFile, weights);
}
