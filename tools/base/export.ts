/**
 * Puts a trained base into packages/base-small/model as float16:
 * `npx tsx --conditions=@hawksbill/source tools/base/export.ts OUT`.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { toFloat16 } from "@hawksbill/checkpoint";
import { readSafetensors, writeSafetensors } from "@hawksbill/checkpoint/node";
import { type ModelSettings, modelFiles, settingsKey } from "@hawksbill/tortoise";

const [trained] = process.argv.slice(2);
if (!trained) throw new Error("usage: export.ts OUT");
const target = "packages/base-small/model";
/** Found by trying: see docs/base-small.md. */
const settings: ModelSettings = {
  learningRate: 8e-4,
  corruption: 0.1,
  sampling: { temperature: 0.7, topP: 0.8, topK: 50, repetitionPenalty: 1.1 },
};

mkdirSync(target, { recursive: true });
copyFileSync(join(trained, modelFiles.tokenizer), join(target, modelFiles.tokenizer));
const { tensors: dvae } = await readSafetensors(join(trained, modelFiles.dvae));
await writeSafetensors(join(target, modelFiles.dvae), toFloat16(dvae));
const { tensors: unifiedVoice } = await readSafetensors(join(trained, modelFiles.unifiedVoice));
await writeSafetensors(join(target, modelFiles.unifiedVoice), toFloat16(unifiedVoice), {
  [settingsKey]: JSON.stringify(settings),
});
