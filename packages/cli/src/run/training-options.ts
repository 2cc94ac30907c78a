import type { FinetuneOptions } from "@hawksbill/tortoise";
import { given } from "../given.js";
import type { RunSettings } from "./run-config.js";

/** A run's settings as `finetune` takes them. */
export function trainingOptions(
  settings: RunSettings,
): Omit<FinetuneOptions, "model" | "clips" | "device"> {
  const { steps, batchSize, recipe, schedule, warmupSteps, milestones, gamma } = settings;
  const { restartEvery } = settings;
  const { lora, loraAlpha, loraLayers, best, patience, labelSmoothing } = settings;
  const { conditioningClips, conditioningDropout, averageDecay, balance } = settings;
  const { basePrecision, programs, update } = settings;
  const { accumulate, learningRate, optimizer, weightDecay, betas, textWeight, evaluateEvery } =
    settings;
  return {
    steps,
    batchSize,
    recipe,
    schedule: given({ name: schedule, warmupSteps, milestones, gamma, restartEvery }),
    ...given({ accumulate, learningRate, optimizer, weightDecay, betas, textWeight }),
    ...given({ evaluateEvery, basePrecision, programs, update }),
    ...given({ conditioningClips, conditioningDropout, averageDecay, balance }),
    ...(labelSmoothing ? { labelSmoothing: smoothingOf(labelSmoothing) } : {}),
    ...clipOf(settings),
    ...(lora === undefined
      ? {}
      : { adapter: { rank: lora, ...given({ alpha: loraAlpha, layers: loraLayers }) } }),
    ...(best || patience !== undefined ? { best: given({ patience }) } : {}),
  };
}

/** Of both losses, or of each. */
function smoothingOf([text = 0, mel = text]: readonly number[]): { text: number; mel: number } {
  return { text, mel };
}

function clipOf({ clip, clipBy }: RunSettings): Pick<FinetuneOptions, "clip"> {
  if (clip === undefined && clipBy === undefined) return {};
  const { bound = 1, by = "all" } = given({ bound: clip, by: clipBy });
  return { clip: by === "value" ? { value: bound } : { norm: bound, by } };
}
