import { stat } from "node:fs/promises";
import { type Audio, resample } from "@hawksbill/audio";
import { openCheckpoint } from "@hawksbill/checkpoint/node";
import { Classifier } from "@hawksbill/clvp";
import type { Device } from "@hawksbill/core";
import { TortoiseError } from "../tortoise-error.js";

/** Tells what TorToiSe made from recordings. */
export interface OpenedClassifier {
  /**
   * The probability that TorToiSe made a clip, from its first 9.2 seconds, 0 to 1.
   *
   * @throws {RangeError} The clip has no samples, or one that is no number.
   */
  probability(clip: Audio): Promise<number>;
  /** Frees what is on the device, and closes the file. */
  dispose(): Promise<void>;
}

const sampleRateHz = 24_000;

/**
 * The classifier in a file, on a device.
 *
 * @throws {TortoiseError} There is no file; the message says where to get it.
 * @throws {CheckpointError} The file is damaged or of another kind.
 */
export async function openClassifier(path: string, device: Device): Promise<OpenedClassifier> {
  await stat(path).catch((cause: unknown) => {
    throw new TortoiseError(
      `${path}: is missing (the classifier of sound); get it with: hawksbill download classifier`,
      { cause },
    );
  });
  const checkpoint = await openCheckpoint(path);
  try {
    const classifier = Classifier.create(checkpoint.tensors, device);
    return {
      probability: ({ samples, sampleRateHz: rate }) =>
        classifier.probability({
          samples: resample(samples, rate, sampleRateHz).map((x) => Math.max(-1, Math.min(1, x))),
          sampleRateHz,
        }),
      dispose: async () => {
        await classifier.dispose();
        await checkpoint.close();
      },
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}
