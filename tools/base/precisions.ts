/**
 * Adapters over a base in float32 and in 8 bits side by side, on the small base and the embedded voice, as a table and a
 * picture in Markdown: `npx tsx --conditions=@hawksbill/source tools/base/precisions.ts [STEPS] [SEED]` (default 500 and 1).
 *
 * Held-out losses are measured as the model is trained: over 8 bits with the base in 8 bits.
 */
import { fileURLToPath } from "node:url";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { prepareDataset } from "@hawksbill/dataset";
import { openFolder } from "@hawksbill/dataset/node";
import { disposeModel, finetune } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";

const [steps = 500, seed = 1] = process.argv.slice(2).map(Number);
const precisions = ["fp32", "int8"] as const;
const heldOutClips = 24;

const device = await openDevice("cpu");
const open = () => openModel(fileURLToPath(modelFolder));
const base = await open();
const { clips } = await prepareDataset(await openFolder(fileURLToPath(voiceFolder)), base);
disposeModel(base);
const heldOut = clips.slice(-heldOutClips).map(({ id }) => id);

/** Losses by step. */
type Curve = Map<number, { readonly heldOut: number; readonly training?: number }>;

async function curveOf(basePrecision: (typeof precisions)[number]): Promise<Curve> {
  const curve: Curve = new Map();
  const model = await open();
  let losses: number[] = [];
  for await (const event of finetune({
    ...{ model, clips, device, steps, seed, heldOut, basePrecision },
    ...{ batchSize: 8, evaluateEvery: steps / 10, learningRate: 1e-3 },
    ...{ adapter: { rank: 16, alpha: 16 }, programs: "blocks" },
  })) {
    if (event.type === "step") losses.push(event.loss);
    if (event.type !== "evaluation") continue;
    const training = losses.reduce((sum, loss) => sum + loss / losses.length, 0);
    const heldOut = event.metrics.mel ?? Number.NaN;
    curve.set(event.step, losses.length > 0 ? { heldOut, training } : { heldOut });
    console.error(basePrecision, event.step, heldOut);
    losses = [];
  }
  disposeModel(model);
  return curve;
}

const curves = { fp32: await curveOf("fp32"), int8: await curveOf("int8") };
await device.close();

const measured = [...curves.fp32.keys()];
const column = (precision: (typeof precisions)[number], which: "heldOut" | "training"): string[] =>
  measured.map((step) => curves[precision].get(step)?.[which]?.toFixed(3) ?? "");
const columns = (["heldOut", "training"] as const).flatMap((which) =>
  precisions.map((precision) => column(precision, which)),
);
console.log(
  "| step | held-out mel loss, fp32 | int8 | training loss since, fp32 | int8 |\n|---|---|---|---|---|",
);
for (const [i, step] of measured.entries())
  console.log(`| ${[step, ...columns.map((values) => values[i])].join(" | ")} |`);
console.log(`
\`\`\`mermaid
xychart-beta
  title "Held-out mel loss: base in float32 and in 8 bits"
  x-axis [${measured.map((step) => `"${step}"`).join(", ")}]
  y-axis "loss"
  line [${column("fp32", "heldOut").join(", ")}]
  line [${column("int8", "heldOut").join(", ")}]
\`\`\``);
