/**
 * What weights in 8 or 4 bits change of the small base's speech: the loss of its voice's clips, each code told after the
 * one before, and greedy codes.
 *
 *   npx tsx --conditions=@hawksbill/source tools/bench/int8-effect.ts [cpu|webgpu] [int8|int4] [clips]
 */
import { fileURLToPath } from "node:url";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { prepareDataset } from "@hawksbill/dataset";
import { openFolder } from "@hawksbill/dataset/node";
import { Dvae } from "@hawksbill/dvae";
import { conditioningWindow } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { Decoder, generate, type Prompt, UnifiedVoice } from "@hawksbill/unified-voice";

const [name = "cpu", weights = "int8", count = "24"] = process.argv.slice(2);
if ((name !== "cpu" && name !== "webgpu") || (weights !== "int8" && weights !== "int4"))
  throw new Error(`${name} ${weights}: give cpu or webgpu, and int8 or int4`);
const device = await openDevice(name);
const model = await openModel(fileURLToPath(modelFolder));
const { config } = model;
const files = await openFolder(fileURLToPath(voiceFolder));
const { clips } = await prepareDataset(files, { tokenizer: model.tokenizer });
const unifiedVoice = UnifiedVoice.create(model.unifiedVoice, device);
const voice = await unifiedVoice.conditioning(
  clips.slice(0, 8).map((clip) => conditioningWindow(clip.mel)),
);
const dvae = Dvae.create(model.dvae, device);
const told: { prompt: Prompt; codes: number[] }[] = [];
for (const { text, mel } of clips.slice(8, 8 + Number(count))) {
  const prompt = { tokens: model.tokenizer.encode(text), voice };
  told.push({ prompt, codes: [...(await dvae.encode(mel)), config.stopMelToken] });
}

/** Nats a code, and the likeliest code at each place. */
async function tell(decoder: Decoder): Promise<{ loss: number; likeliest: number[] }> {
  let sum = 0;
  const likeliest: number[] = [];
  for (const { prompt, codes } of told) {
    const decoding = await decoder.begin([prompt], codes.length);
    let fed = config.startMelToken;
    for (const code of codes) {
      const [{ logits } = { logits: new Float32Array() }] = await decoding.step([fed]);
      sum += crossEntropy(logits, code);
      likeliest.push(logits.indexOf(largest(logits)));
      fed = code;
    }
    decoding.dispose();
  }
  return { loss: sum / likeliest.length, likeliest };
}

function largest(logits: Float32Array): number {
  return logits.reduce((most, x) => Math.max(most, x));
}

function crossEntropy(logits: Float32Array, code: number): number {
  const top = largest(logits);
  const total = logits.reduce((sum, x) => sum + Math.exp(x - top), 0);
  return top + Math.log(total) - (logits[code] as number);
}

const exact = new Decoder(model.unifiedVoice, config, device);
const rounded = new Decoder(model.unifiedVoice, config, device, { weights });
const [before, after] = [await tell(exact), await tell(rounded)];
const kept = before.likeliest.filter((code, i) => code === after.likeliest[i]).length;
console.log(
  `loss of ${told.length} clips: float32 ${before.loss.toFixed(4)}, ${weights} ${after.loss.toFixed(4)}; the likeliest code is the same at ${((100 * kept) / before.likeliest.length).toFixed(1)} % of ${before.likeliest.length} places`,
);
let [same, first, codes] = [0, 0, 0];
for (const { prompt } of told) {
  const [[a], [b]] = [
    await generate(exact, [prompt], config, { sampling: "greedy" }),
    await generate(rounded, [prompt], config, { sampling: "greedy" }),
  ];
  if (!a || !b) throw new Error("nothing was said");
  const apart = a.codes.findIndex((code, i) => code !== b.codes[i]);
  const alike = apart < 0 ? Math.min(a.codes.length, b.codes.length) : apart;
  codes += a.codes.length;
  first += alike;
  if (alike === a.codes.length && a.codes.length === b.codes.length) same++;
}
console.log(
  `greedy: ${same} of ${told.length} sentences have the same codes; ${((100 * first) / codes).toFixed(0)} % of codes come before the first that differs`,
);
await device.close();
