import type { FinetuneOptions } from "@hawksbill/tortoise";
import type { RunSettings } from "./run-config.js";

/** A run's settings as `finetune` takes them. */
export function trainingOptions(
  settings: RunSettings,
): Omit<FinetuneOptions, "model" | "clips" | "device"> {
  const { steps, batchSize, recipe, schedule, warmupSteps, milestones, gamma } = settings;
  const { clip, clipBy = "all", lora, loraAlpha, loraLayers, best, patience } = settings;
  const { accumulate, learningRate, optimizer, weightDecay, betas, textWeight, evaluateEvery } =
    settings;
  return {
    steps,
    batchSize,
    recipe,
    schedule: given({ name: schedule, warmupSteps, milestones, gamma }),
    ...given({ accumulate, learningRate, optimizer, weightDecay, betas, textWeight }),
    ...given({ evaluateEvery }),
    ...(clip === undefined ? {} : { clip: { norm: clip, by: clipBy } }),
    ...(lora === undefined
      ? {}
      : { adapter: { rank: lora, ...given({ alpha: loraAlpha, layers: loraLayers }) } }),
    ...(best || patience !== undefined ? { best: given({ patience }) } : {}),
  };
}

/** What there is of an object: the rest is left to the defaults. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
