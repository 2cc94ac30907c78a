import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writePth } from "@hawksbill/checkpoint/node";
import { disposeTree } from "@hawksbill/core";
import { tinyWeights, tokenizer } from "../../tortoise/test/tiny-tortoise.js";

/** Writes TorToiSe's files into a folder, tiny, random, and with the released models' number of codes. */
export async function writeTinyTortoise(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const weights = tinyWeights({ codes: 256 });
  const files = {
    "autoregressive.pth": weights.autoregressive,
    "diffusion_decoder.pth": weights.diffusion,
    "vocoder.pth": { model_g: weights.vocoder },
    "clvp2.pth": weights.clvp,
    "hifidecoder.pth": weights.hifiganDecoder,
    "rlg_auto.pth": weights.randomAutoregressive,
    "rlg_diffuser.pth": weights.randomDiffusion,
  };
  for (const [name, tensors] of Object.entries(files)) await writePth(join(folder, name), tensors);
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  disposeTree(weights);
}
