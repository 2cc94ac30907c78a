/**
 * How the cost of a training step grows with the batch and with the layers: processor time of steps of full fine-tuning
 * (losses, gradients, AdamW) of UnifiedVoices with random weights, as tables in Markdown:
 *
 *   npx tsx --conditions=@hawksbill/source tools/measure-cost.ts [WIDTH] [CODES]
 *
 * Default 256 and 96. The least of several steps counts: on a busy machine others are disturbed.
 */
import { type Device, openDevice, Random } from "@hawksbill/core";
import { adamW, train } from "@hawksbill/trainer";
import {
  type Batch,
  initialise,
  makeBatch,
  type TrainingItem,
  trainingLosses,
  unifiedVoiceConfig,
} from "@hawksbill/unified-voice";

const [width = 256, codes = 96] = process.argv.slice(2).map(Number);
const textTokens = 40;
const conditioningFrames = 128;
const steps = 6;

/** Milliseconds of processor time of a step. */
async function costOfStep(device: Device, layers: number, batchSize: number): Promise<number> {
  const random = new Random(1);
  const config = unifiedVoiceConfig({
    ...{ layers, modelDim: width, textTokens: 256, melCodes: 1026 },
    ...{ maxTextTokens: textTokens, maxMelTokens: codes },
  });
  const weights = initialise(config, random);
  const mel = new Float32Array(80 * conditioningFrames);
  const item: TrainingItem = {
    tokens: Int32Array.from({ length: textTokens }, () => random.integer(255)),
    codes: Int32Array.from({ length: codes }, () => random.integer(1024)),
    conditioning: [{ data: mel, bands: 80, frames: conditioningFrames }],
  };
  const batch = makeBatch(Array<TrainingItem>(batchSize).fill(item), config);
  let least = Number.POSITIVE_INFINITY;
  let before = process.cpuUsage();
  for await (const event of train<Batch>({
    device,
    weights,
    loss: (weights, batch) => ({ loss: trainingLosses(weights, batch, config).loss }),
    batches: () => [batch],
    steps,
    optimizer: adamW(weights, { learningRate: 1e-5 }),
  })) {
    if (event.type !== "step") continue;
    const { user, system } = process.cpuUsage(before);
    if (event.step > 1) least = Math.min(least, (user + system) / 1000); // The first makes the program.
    before = process.cpuUsage();
  }
  return least;
}

async function table(
  device: Device,
  what: string,
  cases: readonly (readonly [n: number, layers: number, batchSize: number])[],
): Promise<void> {
  console.log(`| ${what} | ms of processor time | for each one more |\n|---|---|---|`);
  let before: { readonly n: number; readonly cost: number } | undefined;
  for (const [n, layers, batchSize] of cases) {
    const cost = await costOfStep(device, layers, batchSize);
    const more = before ? ((cost - before.cost) / (n - before.n)).toFixed(0) : "";
    console.log(`| ${n} | ${cost.toFixed(0)} | ${more} |`);
    before = { n, cost };
  }
}

const device = await openDevice("cpu", { threads: 1 });
console.log(`width ${width}, ${textTokens} text tokens, ${codes} codes\n`);
await table(
  device,
  "clips in a batch, 4 layers",
  [1, 2, 4, 8].map((n) => [n, 4, n]),
);
console.log();
await table(
  device,
  "layers, 2 clips",
  [2, 4, 8, 16].map((n) => [n, n, 2]),
);
await device.close();
