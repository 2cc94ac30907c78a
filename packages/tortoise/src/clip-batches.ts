import { Random } from "@hawksbill/core";
import { batches, type Clip, clipWeights, otherClips } from "@hawksbill/dataset";
import {
  type Batch,
  corruptCodes,
  dropConditioning,
  makeBatch,
  type Recipe,
  type UnifiedVoiceConfig,
} from "@hawksbill/unified-voice";
import { tellLoneClips } from "./lone-clips.js";
import { conditioningWindow, type Hearing } from "./voice.js";

/** A clip with its codes. */
export interface CodedClip {
  readonly id: string;
  readonly speaker?: string;
  /** See `combineDatasets` of @hawksbill/dataset. */
  readonly weight?: number;
  readonly clip: Clip;
  readonly seconds: number;
  readonly codes: Int32Array;
}

export interface ClipBatchOptions {
  readonly config: UnifiedVoiceConfig;
  /** What the model hears of a conditioning clip. */
  readonly hearing: Hearing;
  readonly batchSize: number;
  readonly seed: number;
  /** Of training. */
  readonly recipe: Recipe;
  readonly corruption: number;
  readonly conditioningClips: number;
  readonly conditioningDropout: number;
  readonly balance: number;
  /** Told what is not as asked for. */
  readonly onWarning: (message: string) => void;
}

/** A fine-tuning's batches. */
export interface ClipBatches {
  /** Those of an epoch, with the noise of training. */
  epoch(number: number, random: Random): Generator<Batch>;
  /** The held-out clips, with exact targets whatever the recipe, without noise and conditioned in the same way each time. */
  evaluation(): Generator<Batch>;
}

/** Every clip conditions on others of its voice, training clips all of them; it is told where there are none. */
export function clipBatches(
  training: readonly CodedClip[],
  heldOut: readonly CodedClip[],
  options: ClipBatchOptions,
): ClipBatches {
  const { config, batchSize, seed, recipe, corruption, conditioningDropout: share } = options;
  const { conditioningClips: count, hearing, balance, onWarning } = options;
  const isWeighed = balance > 0 || training.some(({ weight = 1 }) => weight !== 1);
  const weights = isWeighed ? clipWeights(training, { balance }) : undefined;
  const drawn = { batchSize, seed, ...(weights ? { weights } : {}) };
  tellLoneClips(training, heldOut, onWarning);
  batches(training, { ...drawn, epoch: 0, onWarning });

  const batchOf = (group: readonly CodedClip[], random: Random, recipe: Recipe): Batch =>
    makeBatch(
      group.map((item) => ({
        tokens: item.clip.tokens,
        codes: item.codes,
        samples: item.clip.samples.length,
        conditioning: otherClips(item, training, { count, random }).clips.map(({ clip }) =>
          conditioningWindow(clip.mel, { hearing, random }),
        ),
      })),
      config,
      { recipe, padTo: 32 }, // A program each length: a second or two to make, so few of them.
    );
  return {
    *epoch(number, random) {
      for (const group of batches(training, { ...drawn, epoch: number })) {
        const batch = batchOf(group, random, recipe);
        if (recipe === "hawksbill") corruptCodes(batch, config, { share: corruption, random });
        yield share > 0 ? dropConditioning(batch, { share, random }) : batch;
      }
    },
    *evaluation() {
      const random = new Random(seed).fork("evaluation"); // The same conditioning each time.
      for (const group of batches(heldOut, { batchSize, seed, epoch: 0 }))
        yield batchOf(group, random, "hawksbill");
    },
  };
}
