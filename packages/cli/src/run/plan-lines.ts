import type { Plan } from "@hawksbill/tortoise";
import { rateText } from "../format.js";

/** What each part of a plan is called. */
const names: { readonly [K in keyof Plan]: string } = {
  batchSize: "batch size",
  accumulate: "batches a step",
  steps: "steps",
  learningRate: "learning rate",
  schedule: "schedule",
  warmupSteps: "warm-up steps",
  evaluateEvery: "measure every",
  checkpointEvery: "checkpoint every",
  memoryMB: "memory in MB",
};

/** A plan for people: a line for each setting, with its reason. */
export function planLines(plan: Plan): string[] {
  const width = Math.max(...Object.values(names).map((name) => name.length));
  return (Object.keys(names) as (keyof Plan)[]).map((key) => {
    const { value, why } = plan[key];
    const text = key === "learningRate" ? rateText(Number(value)) : `${value}`;
    return `  ${names[key].padEnd(width)}  ${text.padEnd(9)}  ${why}`;
  });
}
