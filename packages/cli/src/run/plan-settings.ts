import { totalmem } from "node:os";
import type { Device, Weights } from "@hawksbill/core";
import type { Dataset } from "@hawksbill/dataset";
import {
  datasetFacts,
  diffusionFacts,
  type Model,
  modelFacts,
  type Plan,
  plan,
  splitClips,
} from "@hawksbill/tortoise";
import { heldOutOf, tellHeldOut } from "./held-out.js";
import type { RunRequest, RunSettings } from "./run-config.js";
import type { Session } from "./session.js";

/** The model of a run, and its diffusion decoder where that is trained. */
interface Planned {
  readonly model: Model;
  readonly diffusion?: Weights;
}

/** Whether nothing has to be planned. */
export function isWhole(settings: RunRequest): settings is RunSettings {
  return settings.steps !== undefined && settings.batchSize !== undefined;
}

/** What a request's dataset and model ask for, around what it says itself. */
export function planFor(
  request: RunRequest,
  { model, diffusion }: Planned,
  { clips }: Dataset,
  device: Pick<Device, "name">,
): Plan {
  const { training } = splitClips(clips, heldOutOf(request, clips), request.seed);
  const { lora, ...overrides } = request;
  const facts = diffusion ? diffusionFacts(diffusion) : modelFacts(model);
  const machine = { memoryMB: machineMemoryMB(), hasGpu: device.name !== "cpu" };
  return plan(datasetFacts(training), machine, facts, {
    ...overrides,
    ...(lora === undefined ? {} : { rank: lora }),
  });
}

/** A request with the plan for what it does not say; tells of the plan. */
export async function plannedSettings(
  request: RunRequest,
  parts: Planned & { readonly dataset: Dataset; readonly session: Pick<Session, "tell" | "tools"> },
): Promise<RunSettings> {
  const plan = planFor(request, parts, parts.dataset, parts.session.tools.device);
  await parts.session.tell({ type: "plan", plan });
  tellHeldOut(request, parts.dataset.clips, parts.session.tools.reporter);
  const { memoryMB: _, ...settings } = plan;
  const values = Object.fromEntries(
    Object.entries(settings).map(([name, { value }]) => [name, value]),
  ) as { [K in keyof typeof settings]: (typeof settings)[K]["value"] };
  return { ...request, ...values };
}

/** Of the machine, or of the container that this runs in. */
function machineMemoryMB(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return Math.min(totalmem(), limit > 0 ? limit : Number.POSITIVE_INFINITY) / 2 ** 20;
}
