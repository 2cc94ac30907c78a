import type { Tools } from "../context.js";
import { tellHeldOut } from "./held-out.js";
import { openBase } from "./open-base.js";
import { planLines } from "./plan-lines.js";
import { planFor } from "./plan-settings.js";
import { readDataset } from "./read-dataset.js";
import type { RunRequest } from "./run-config.js";

/** Tells what a run would do, and why; nothing is written. */
export async function showPlan(request: RunRequest, tools: Tools): Promise<void> {
  const { reporter } = tools;
  const base = await openBase(request);
  try {
    const tell = async (event: { readonly type: string }): Promise<void> => reporter.event(event);
    const dataset = await readDataset(request, base.model, { tools, tell });
    const plan = planFor(request, base, dataset, tools.device);
    for (const line of planLines(plan)) reporter.note(line);
    tellHeldOut(request, dataset.clips, reporter);
    reporter.event({ type: "plan", plan });
  } finally {
    await base.close();
  }
}
