import type { Device } from "@hawksbill/core";
import { type DatasetFacts, type ModelFacts, plan } from "@hawksbill/tortoise";
import type { Settings } from "../settings.js";

/** @throws The device tells how much memory it has, and the training would take more. */
export function requireRoom(
  { name, limits: { memoryBytes } }: Pick<Device, "name" | "limits">,
  model: ModelFacts,
  dataset: DatasetFacts,
  { rank, batchSize }: Pick<Settings, "rank" | "batchSize">,
): void {
  if (memoryBytes === undefined) return;
  const memoryMB = Math.floor(memoryBytes / 2 ** 20);
  const decided = { batchSize, ...(rank > 0 ? { rank } : {}) };
  const { value: needed } = plan(dataset, { memoryMB }, model, decided).memoryMB;
  if (needed > memoryMB)
    throw new Error(
      `Fine-tuning would take about ${needed} MB of memory, and ${name} has ${memoryMB} MB; take fewer clips a step, an adapter, or leave out the longest clips.`,
    );
}
