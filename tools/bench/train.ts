/**
 * Measures one step of fine-tuning the full-size model, as `finetune` does it: random weights; a clip of 60 text tokens
 * and 250 codes, conditioned on two others; each measurement in a process of its own, so that its peak memory is its own:
 *
 *   npx tsx --conditions=@hawksbill/source tools/bench/train.ts [ID …] [--layers 30] [--batch 1] [--steps 3] [--threads N]
 *
 * Prints a JSON row for each: { id, oursSeconds, processorSeconds, oursPeakMB }; the times are those of the fastest step
 * after the first, by the clock and, for a machine that others use too, of this process.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { arMel } from "@hawksbill/audio";
import { lazyTensor, openDevice, Random, sizeOf, type Tensor, tensor } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import { initialiseDvae } from "@hawksbill/dvae";
import { trainTokenizer } from "@hawksbill/text";
import { type FinetuneOptions, finetune, type Model } from "@hawksbill/tortoise";
import { unifiedVoiceConfig, weightShapes } from "@hawksbill/unified-voice";

const adapter = { rank: 16 } as const;
const works: Readonly<Record<string, Partial<FinetuneOptions>>> = {
  full: {},
  "full-parts": { update: "parts" },
  "full-parts-8bit": { update: "parts", optimizer: "adamw8bit" },
  "lora-fp32": { adapter },
  "lora-fp16": { adapter, basePrecision: "fp16" },
  "lora-int8": { adapter, basePrecision: "int8" },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    layers: { type: "string", default: "30" },
    batch: { type: "string", default: "1" },
    steps: { type: "string", default: "3" },
    threads: { type: "string" },
    alone: { type: "boolean", default: false },
  },
});
const ids = positionals.length === 0 ? Object.keys(works) : positionals;
const unknown = ids.find((id) => !works[id]);
if (unknown !== undefined)
  throw new Error(`bench: there is no "${unknown}"; give some of ${Object.keys(works).join(", ")}`);
if (values.alone) await measure(ids[0] as string);
else
  for (const id of ids) {
    const { layers, batch, steps, threads } = values;
    const sizes = ["--layers", layers, "--batch", batch, "--steps", steps];
    if (threads !== undefined) sizes.push("--threads", threads);
    const script = [...process.execArgv, fileURLToPath(import.meta.url)];
    const args = [...script, id, "--alone", ...sizes];
    const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
  }

/** Takes the steps of one work, and prints its row. */
async function measure(id: string): Promise<void> {
  const [layers, batchSize, steps] = [values.layers, values.batch, values.steps].map(Number) as [
    number,
    number,
    number,
  ];
  const options = works[id] as Partial<FinetuneOptions>;
  const { basePrecision = "fp32" } = options;
  const model = fullSizeModel(layers, basePrecision !== "fp32");
  const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };
  const seconds: number[] = [];
  const processorSeconds: number[] = [];
  let before = process.cpuUsage();
  for await (const event of finetune({
    model,
    clips: clips(2 + batchSize),
    device: await openDevice("cpu", threads),
    heldOut: 0,
    steps,
    batchSize,
    learningRate: 1e-6,
    conditioningClips: 2,
    ...options,
  })) {
    if (event.type === "step") {
      const { user, system } = process.cpuUsage(before);
      before = process.cpuUsage();
      seconds.push(event.seconds);
      processorSeconds.push((user + system) / 1e6);
    }
    if (seconds.length === steps) break; // What follows, such as merging an adapter, is no step.
  }
  const fastest = (times: readonly number[]): number => Math.min(...times.slice(1));
  const oursPeakMB = Math.round(process.resourceUsage().maxRSS / 1024);
  const times = { oursSeconds: fastest(seconds), processorSeconds: fastest(processorSeconds) };
  console.log(JSON.stringify({ id, layers, batchSize, ...times, oursPeakMB }));
  process.exit(0);
}

/** The released sizes. @param isStored Whether the weights are made when they are read, as if from a file. */
function fullSizeModel(layers: number, isStored: boolean): Model {
  const config = unifiedVoiceConfig({
    layers,
    modelDim: 1024,
    maxTextTokens: 402,
    maxMelTokens: 604,
    textTokens: 256,
    melCodes: 8194,
  });
  const dvaeConfig = {
    channels: 80,
    tokens: 8192,
    codebookDim: 8,
    hiddenDim: 8,
    resnetBlocks: 1,
    layers: 2,
    kernelSize: 3,
  };
  const weight = (shape: readonly number[]): Tensor => {
    if (!isStored) return tensor(noise(sizeOf(shape)), { shape });
    const read = async (): Promise<Uint8Array> => new Uint8Array(noise(sizeOf(shape)).buffer);
    return lazyTensor({ read }, { shape, dtype: "float32" });
  };
  const shapes = Object.entries(weightShapes(config));
  return {
    tokenizer: trainTokenizer(["hello there"], { vocabularySize: 20 }),
    dvae: initialiseDvae(dvaeConfig, new Random(0)),
    dvaeConfig,
    unifiedVoice: Object.fromEntries(shapes.map(([name, shape]) => [name, weight(shape)])),
    config,
    settings: {},
  };
}

/** Uniform, of the standard deviation that GPT-2 begins with. */
function noise(size: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(size);
  let state = size;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = (0.02 * Math.sqrt(3) * state) / 2 ** 31;
  }
  return values;
}

/** Clips of 250 codes and 60 text tokens. */
function clips(count: number): Clip[] {
  return Array.from({ length: count }, (_, i): Clip => {
    const samples = Float32Array.from(
      { length: 250 * 1024 - 1 },
      (_, t) => 0.3 * Math.sin(0.03 * (i + 1) * t),
    );
    return {
      id: `clip-${i}`,
      text: "",
      path: "",
      list: "",
      line: i,
      tokens: new Int32Array(60).fill(5),
      samples,
      mel: arMel(samples),
      seconds: samples.length / 22_050,
    };
  });
}
