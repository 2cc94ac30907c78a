import { compile, openDevice, Random, stack, type Tensor, tensor } from "@hawksbill/core";
import type { Clip } from "@hawksbill/dataset";
import { encodeMel, initialiseDvae } from "@hawksbill/dvae";
import { trainTokenizer } from "@hawksbill/text";
import { type FinetuneOptions, finetune, type Model } from "@hawksbill/tortoise";
import { weightShapes } from "@hawksbill/unified-voice";
import { released } from "../../released-sizes.js";
import { numbers, readNumbers, type Work, writeNumbers } from "../work.js";

const config = released.unifiedVoice;
const [textTokens, codes, token] = [60, 250, 5];
const [frames, bands] = [4 * codes, 80];
const positions = 1 + (textTokens + 2) + (codes + 1);

/** Only makes the codes: the released one would take time of its own. */
const dvaeConfig = {
  channels: bands,
  tokens: 8192,
  codebookDim: 8,
  hiddenDim: 8,
  resnetBlocks: 1,
  layers: 2,
  kernelSize: 3,
};

/**
 * One step of `finetune`: a clip of 60 text tokens and 250 codes, conditioned on two others. Their sound does not change
 * over time, so that it does not matter where `finetune` cuts them, and both sides hear the same.
 */
function step(
  id: string,
  what: string,
  {
    options,
    least,
    tolerance = 1e-3,
  }: { options: Partial<FinetuneOptions>; least: Work["least"] & object; tolerance?: number },
): Work {
  return {
    id,
    group: "train",
    what,
    peers: ["pytorch-fp32", "pytorch-bf16"],
    files: { name: "training.safetensors", make: writeFiles },
    open: async (path) => {
      const { weights, inputs } = await readNumbers(path);
      const isFrozen = options.basePrecision !== undefined;
      const model: Model = {
        tokenizer: trainTokenizer(["hello there"], { vocabularySize: 20 }),
        dvae: initialiseDvae(dvaeConfig, new Random(0)),
        dvaeConfig,
        unifiedVoice: isFrozen ? weights : await inMemory(weights),
        config,
        settings: {},
      };
      const level = await numbers(inputs.level);
      const events = finetune({
        model,
        clips: ["a", "b", "c"].map((id) => clip(id, level)),
        device: await openDevice("cpu"),
        heldOut: 0,
        steps: 1000,
        batchSize: 1,
        learningRate: 1e-6,
        schedule: () => 1e-6,
        conditioningClips: 2,
        ...options,
      });
      return async () => {
        for (;;) {
          const { value, done } = await events.next();
          if (done) throw new Error(`${id}: training ended`);
          if (value.type === "step") return { outputs: [value.loss], seconds: value.seconds };
        }
      };
    },
    least,
    tolerance,
    runs: [3, 1],
    apart: true,
  };
}

async function writeFiles(path: string): Promise<void> {
  const level = new Random(1).normal([bands]);
  const dvae = initialiseDvae(dvaeConfig, new Random(0));
  const encode = compile((mel: Tensor) => encodeMel(dvae, stack([mel], 0)), {
    device: await openDevice("cpu"),
  });
  const sound = clip("", (await level.data()) as Float32Array).mel.data;
  const said = await encode(tensor(sound, { shape: [bands, frames] }));
  await writeNumbers(path, { weights: weightShapes(config), inputs: { level, codes: said } });
}

async function inMemory(weights: Model["unifiedVoice"]): Promise<Model["unifiedVoice"]> {
  const entries = Object.entries(weights).map(async ([name, weight]) => {
    const data = (await weight.data()) as Float32Array;
    return [name, tensor(data, { shape: weight.shape })] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** A clip whose mel is the same all the time. */
function clip(id: string, level: Float32Array): Clip {
  const data = Float32Array.from(
    { length: bands * frames },
    (_, i) => level[Math.floor(i / frames)] ?? 0,
  );
  const samples = new Float32Array(codes * 1024 - 1);
  return {
    id,
    text: "",
    path: "",
    list: "",
    line: 0,
    tokens: new Int32Array(textTokens).fill(token),
    samples,
    mel: { data, bands, frames },
    seconds: samples.length / 22_050,
  };
}

/** Of one product with each weight of the blocks and heads: twice that forward, as much for each gradient. */
function products(): number {
  const { layers, modelDim: D, melCodes, textTokens: texts } = config;
  return (
    positions * (layers * (12 * D * D + 2 * D * positions)) +
    codes * D * melCodes +
    textTokens * D * texts
  );
}

export const trainWorks: readonly Work[] = [
  step("train.full.fp32", "one step of the whole UnifiedVoice of the released size", {
    options: {},
    least: { operations: 6 * products() },
  }),
  step(
    "train.lora.int8",
    "one step of adapters of rank 16, the base in 8 bits (the peer's in float32)",
    {
      options: { adapter: { rank: 16 }, basePrecision: "int8" },
      least: { int8Operations: 4 * products() },
      tolerance: 0.02, // Weights and inputs of 30 layers are rounded to 8 bits.
    },
  ),
];
