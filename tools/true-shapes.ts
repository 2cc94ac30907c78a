/**
 * Speaks with random weights of the released models' shapes, through every stage, and says what each took:
 *
 *   npx tsx --conditions=@hawksbill/source tools/true-shapes.ts FOLDER [CODES] [PRESET]
 *
 * The files, 4 GB, are written into FOLDER where they are not there yet. Random weights end a text by chance, at the latest
 * after CODES codes: 108, five seconds, unless said otherwise.
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeSafetensors } from "@hawksbill/checkpoint/node";
import { clvpShapes } from "@hawksbill/clvp";
import { lazyTensor, openDevice, Random, type Shape, sizeOf, type Weights } from "@hawksbill/core";
import { diffusionShapes } from "@hawksbill/diffusion";
import { trainTokenizer } from "@hawksbill/text";
import { type PresetName, speak } from "@hawksbill/tortoise";
import { openTortoise } from "@hawksbill/tortoise/node";
import { randomLatentShapes, weightShapes } from "@hawksbill/unified-voice";
import { hifiganShapes, univnetShapes } from "@hawksbill/vocoder";
import { released } from "./released-sizes.js";

const [folder, codes = "108", preset = "ultra_fast"] = process.argv.slice(2);
if (folder === undefined) throw new Error("true-shapes: give a folder for 4 GB of files");

const files: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  autoregressive: weightShapes(released.unifiedVoice),
  diffusion_decoder: diffusionShapes(released.diffusion),
  vocoder: univnetShapes(released.univnet),
  clvp2: clvpShapes(released.clvp),
  hifidecoder: hifiganShapes(released.hifigan),
  rlg_auto: randomLatentShapes(1024),
  rlg_diffuser: randomLatentShapes(2048),
};

const noise = (await new Random(0).normal([2 ** 20]).data()) as Float32Array;

/** Numbers that keep a network's states near 1; the same million again and again, since drawing each takes minutes. */
function weight(shape: Shape) {
  const inputs = shape.slice(1).reduce((product, length) => product * length, 1);
  const read = async (length: number): Promise<Uint8Array> => {
    const numbers = new Float32Array(length);
    for (let i = 0; i < length; i++)
      numbers[i] = shape.length < 2 ? 0.5 : (noise[i % noise.length] as number) / Math.sqrt(inputs);
    return new Uint8Array(numbers.buffer);
  };
  return lazyTensor({ read: () => read(sizeOf(shape)) }, { shape, dtype: "float32" });
}

mkdirSync(folder, { recursive: true });
let bytes = 0;
for (const [name, shapes] of Object.entries(files)) {
  const path = join(folder, `${name}.safetensors`);
  const weights: Weights = Object.fromEntries(
    Object.entries(shapes).map(([tensor, shape]) => [tensor, weight(shape)]),
  );
  if (!existsSync(path)) await writeSafetensors(path, weights);
  bytes += statSync(path).size;
}
const text = "The quick brown fox jumps over the lazy dog.";
const tokenizer = trainTokenizer([text], { vocabularySize: 60 });
await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
console.log(`${folder}: ${(bytes / 1e9).toFixed(2)} GB of random weights`);

const device = await openDevice("cpu");
const model = await openTortoise(folder);
const start = performance.now();
const {
  audio,
  codes: said,
  seconds,
  plan,
  candidates,
} = await speak({
  model,
  device,
  text,
  voice: "random",
  preset: preset as PresetName,
  maxCodes: Number(codes),
  seed: 1,
});
const total = (performance.now() - start) / 1000;
await model.close();
await device.close();

for (const [stage, time] of Object.entries(seconds)) console.log(`${stage}: ${time.toFixed(1)} s`);
const length = audio.samples.length / audio.sampleRateHz;
console.log(
  `${plan.preset}: ${candidates.length} candidates, the best of ${said.length} codes, ${length.toFixed(2)} s of sound in ${total.toFixed(1)} s`,
);
console.log(`at most ${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB of memory`);
if (!audio.samples.every(Number.isFinite)) throw new Error("true-shapes: a sample is no number");
