import { openCheckpoint, writePth } from "@hawksbill/checkpoint/node";
import { openDevice } from "@hawksbill/core";
import { Decoder, importStateDict, type StepOutput, weightShapes } from "@hawksbill/unified-voice";
import { released } from "../../released-sizes.js";
import { repeatingWeights, type Work } from "../work.js";

const config = released.unifiedVoice;

/** From the file to the logits of the first code, for a prompt of one token. */
const loadAutoregressive: Work = {
  id: "load.autoregressive",
  group: "load",
  what: "autoregressive.pth of the released size opened, a prompt of one token read, and the first step made",
  peers: ["pytorch-fp32"],
  files: {
    name: "autoregressive.pth",
    make: (path) => writePth(path, repeatingWeights(weightShapes(config))),
  },
  open: async (path) => {
    const device = await openDevice("cpu");
    const voice = Float32Array.from({ length: config.modelDim }, (_, i) => Math.sin(i));
    return async () => {
      const checkpoint = await openCheckpoint(path);
      const { weights } = importStateDict(checkpoint.tensors, path);
      const decoder = new Decoder(weights, config, device);
      const decoding = await decoder.begin([{ tokens: [1], voice }], 1);
      const [{ logits }] = (await decoding.step([config.startMelToken])) as [StepOutput];
      decoding.dispose();
      await decoder.dispose();
      await checkpoint.close();
      return logits.slice(0, 512);
    };
  },
  // Each matrix is read from the disk's cache.
  least: {
    bytes: 4 * (config.layers * 12 * config.modelDim ** 2 + config.modelDim * config.melCodes),
  },
  isFresh: true,
  runs: [5, 2],
};

export const loadWorks: readonly Work[] = [loadAutoregressive];
