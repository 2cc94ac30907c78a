/**
 * What products in float16 change of training the small base on clips of its voice: the loss, the gradients, and the losses
 * of some steps, beside those in float32.
 *
 *   npx tsx --conditions=@hawksbill/source tools/bench/float16-effect.ts [DEVICE [STEPS]]
 *
 * Sums of float16 are in float32 on CPUs, in float16 on WebGPU. Where no GPU has float16, Mesa's lavapipe (25.0) does as a
 * Vulkan driver for webgpu: VK_ICD_FILENAMES names its lvp_icd.json.
 */
import { fileURLToPath } from "node:url";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import {
  compile,
  type DeviceName,
  disposeTree,
  mapTree,
  openDevice,
  scope,
  type Tensor,
  tensor,
  valueAndGrad,
  type Weights,
} from "@hawksbill/core";
import { prepareDataset } from "@hawksbill/dataset";
import { openFolder } from "@hawksbill/dataset/node";
import { Dvae } from "@hawksbill/dvae";
import { conditioningWindow } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { adamW } from "@hawksbill/trainer";
import { makeBatch, trainingLosses } from "@hawksbill/unified-voice";

const [name = "webgpu", steps = "10"] = process.argv.slice(2);
const clipCount = 4;

const cpu = await openDevice("cpu");
const model = await openModel(fileURLToPath(modelFolder));
const files = await openFolder(fileURLToPath(voiceFolder));
const { clips } = await prepareDataset(files, { tokenizer: model.tokenizer });
const dvae = Dvae.create(model.dvae, cpu);
const items = [];
for (const { tokens, mel } of clips.slice(0, clipCount))
  items.push({ tokens, codes: await dvae.encode(mel), conditioning: [conditioningWindow(mel)] });
const batch = makeBatch(items, model.config, { padTo: 32 });

/** The gradients of the first step, and the loss before each. */
async function trained(
  products: "float32" | "float16",
): Promise<{ grads: Record<string, Float32Array>; losses: number[] }> {
  const device = await openDevice(name as DeviceName, { products });
  const weights = mapTree(model.unifiedVoice, (x: Tensor) =>
    tensor((x.dataSync() as Float32Array).slice(), { shape: x.shape }),
  );
  const step = compile(
    (w: Weights) =>
      valueAndGrad(
        (w: Weights) => trainingLosses(w, batch, model.config, { textWeight: 0.01 }).loss,
      )(w),
    { device },
  );
  const optimizer = adamW(weights, { learningRate: 1e-4 });
  const losses: number[] = [];
  const first: Record<string, Float32Array> = {};
  for (let i = 0; i < Number(steps); i++)
    await scope(async () => {
      const { value, grads } = await step(weights);
      losses.push(await value.item());
      if (i === 0)
        for (const [name, x] of Object.entries(grads as Weights))
          first[name] = (x.dataSync() as Float32Array).slice();
      optimizer.step(weights, grads);
    });
  await step.release();
  await device.close();
  disposeTree(weights);
  return { grads: first, losses };
}

const exact = await trained("float32");
const rounded = await trained("float16");

const length = (x: Float32Array): number => Math.sqrt(x.reduce((sum, e) => sum + e * e, 0));
const errors = Object.entries(exact.grads)
  .map(([name, g]) => {
    const h = rounded.grads[name] as Float32Array;
    return { name, size: length(g), error: length(g.map((x, i) => x - (h[i] as number))) };
  })
  .filter(({ size }) => size > 0);
const total = (of: (one: (typeof errors)[number]) => number): number =>
  Math.hypot(...errors.map(of));
const relative = errors.map(({ name, size, error }) => ({ name, share: error / size }));
const [worst] = relative.sort((a, b) => b.share - a.share);
console.log(
  `${name}, ${clipCount} clips: all gradients differ by ${(total(({ error }) => error) / total(({ size }) => size)).toExponential(1)} of their length, a weight's by ${relative[relative.length >> 1]?.share.toExponential(1)} in the median, ${worst?.share.toExponential(1)} at most (${worst?.name})`,
);
for (const [i, loss] of exact.losses.entries())
  console.log(
    `step ${i + 1}: loss ${loss.toFixed(5)}, in float16 ${rounded.losses[i]?.toFixed(5)}`,
  );
await cpu.close();
