import { readFile } from "node:fs/promises";
import { openDevice, Random, type Tensor } from "@hawksbill/core";
import { makeBatch, unifiedVoiceConfig, weightShapes } from "@hawksbill/unified-voice";
import { openPage } from "../web/open-page.js";
import { openStep } from "../web/ours.js";
import { readProblem } from "../web/problem.js";
import { type Run, type Work, writeNumbers } from "../work.js";

/** Clips of 30 text tokens and 60 codes: 96 positions with the voice's, start and stop tokens, and padding. */
const batch = { clips: 4, tokens: 30, codes: 60, positions: 96, conditioningFrames: 128 };

/** Six layers in the width of the small base, and in the width of models that are about to be useful. */
function trainingStep(modelDim: number, where: "browser wasm" | "Node cpu"): Work {
  const config = unifiedVoiceConfig({
    layers: 6,
    modelDim,
    maxTextTokens: 200,
    maxMelTokens: 300,
    textTokens: 256,
    melCodes: 1026,
    conditioningBlocks: 3,
  });
  const inPage = where === "browser wasm";
  return {
    id: `web.${modelDim}.${inPage ? "wasm" : "cpu"}`,
    group: "web",
    what: `a training step with Adam, ${modelDim === 192 ? "the sizes of the small base" : `6 layers of ${modelDim}`}, ${batch.clips} clips of ${batch.positions} positions: ours on ${where}, the peer's on browser wasm`,
    // One row has tfjs: its step of the larger model takes a minute and more.
    peers: inPage ? ["jax-js", "tfjs"] : ["jax-js"],
    files: {
      name: `web-${modelDim}-${batch.clips}x${batch.positions}.safetensors`,
      make: (path) =>
        writeNumbers(path, { weights: weightShapes(config), inputs: inputsOf(config) }),
    },
    open: async (path) => {
      if (inPage) return losses(await openPage("hawksbill", path));
      const step = openStep(readProblem(await readFile(path)), await openDevice("cpu"));
      return losses(async () => {
        const began = performance.now();
        const loss = await step();
        return { loss, seconds: (performance.now() - began) / 1000 };
      });
    },
    isElsewhere: inPage,
    openPeer: async (peer, path) => losses(await openPage(peer as "jax-js" | "tfjs", path)),
    // Forward and backward.
    least: { operations: 3 * 2 * batch.clips * batch.positions * parameters(modelDim) },
  };
}

/**
 * Steps before those that are timed. Browsers compile WebAssembly twice: for the first steps at once, and in the background
 * for speed, which is done after so many seconds, too.
 */
const warmUp = { steps: 6, least: 3, seconds: 20 };

/** At first some steps, three of whose losses tell whether gradients agree too; then one step at a time. */
function losses(step: () => Promise<{ loss: number; seconds: number }>): Run {
  let isFirst = true;
  return async () => {
    const outputs: number[] = [];
    let [seconds, inAll] = [0, 0];
    const isEnough = (): boolean =>
      outputs.length >= (isFirst ? warmUp.steps : 1) ||
      (outputs.length >= warmUp.least && inAll > warmUp.seconds);
    while (!isEnough()) {
      const taken = await step();
      outputs.push(taken.loss);
      seconds = taken.seconds;
      inAll += seconds;
    }
    isFirst = false;
    return { outputs: outputs.slice(0, warmUp.least), seconds };
  };
}

function inputsOf(config: ReturnType<typeof unifiedVoiceConfig>): Record<string, Tensor> {
  const random = new Random(5);
  const ids = (count: number, below: number): number[] =>
    Array.from({ length: count }, () => 1 + random.integer(below - 1));
  const { conditioningFrames: frames } = batch;
  const items = Array.from({ length: batch.clips }, () => ({
    tokens: ids(batch.tokens, config.startTextToken),
    codes: ids(batch.codes, config.startMelToken),
    conditioning: [
      { data: random.normal([80 * frames]).dataSync() as Float32Array, bands: 80, frames },
    ],
  }));
  const { recipe: _, ...tensors } = makeBatch(items, config, { padTo: batch.positions });
  return tensors;
}

/** Of the blocks and the heads, each of which takes part in one product a position. */
function parameters(D: number): number {
  return 6 * 12 * D * D + D * (256 + 1026);
}

export const webWorks: readonly Work[] = [192, 512].flatMap((modelDim) => [
  trainingStep(modelDim, "browser wasm"),
  trainingStep(modelDim, "Node cpu"),
]);
