import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { splitClips } from "@hawksbill/tortoise";
import {
  exponential,
  hasDiverged,
  type RangePoint,
  type RangeTest,
  suggestRate,
} from "@hawksbill/trainer";
import type { Tools } from "../context.js";
import { lossText, rateText, shellWord } from "../format.js";
import { rangeTestPage } from "../pages/range-test-page.js";
import { requireWritable } from "../require-writable.js";
import { finetunePart } from "./finetune-part.js";
import { heldOutOf } from "./held-out.js";
import { openBase } from "./open-base.js";
import { plannedSettings } from "./plan-settings.js";
import { readDataset } from "./read-dataset.js";
import type { RunRequest } from "./run-config.js";

/** Steps of a test; ten and more for each tenfold of the rate. */
const defaultSteps = 60;

/** Below and above the planned rate. */
const [below, above] = [100, 1000];

/**
 * Looks for a learning rate: trains a copy of the model for some steps whose rate rises from far below the planned one
 * to far above, and tells which rate the losses speak for. No file of a model or run is written.
 *
 * @param out Where to leave a page; default nowhere.
 */
export async function runRangeTest(
  request: RunRequest,
  out: string | undefined,
  tools: Tools,
): Promise<void> {
  const { reporter } = tools;
  const page = out === undefined ? undefined : await pageIn(out);
  const base = await openBase(request); // The copy: it is trained, and let go.
  try {
    const tell = async (event: { readonly type: string }): Promise<void> => reporter.event(event);
    const session = { tools, tell };
    const dataset = await readDataset(request, base.model, session);
    const settings = await plannedSettings(request, { ...base, dataset, session });
    const { training } = splitClips(
      dataset.clips,
      heldOutOf(settings, dataset.clips),
      settings.seed,
    );
    const steps = request.steps ?? defaultSteps;
    const planned = settings.learningRate ?? 1e-5;
    const [from, to] = [planned / below, planned * above];
    reporter.note(
      `range test: ${steps} steps from ${rateText(from)} to ${rateText(to)}, on a copy of the weights`,
    );
    const { best: _, patience: __, ...whole } = settings;
    const points: RangePoint[] = [];
    for await (const event of finetunePart(
      base,
      { ...whole, steps },
      {
        clips: training,
        heldOut: 0,
        device: tools.device,
        seed: settings.seed,
        schedule: exponential(from, { steps: Math.max(1, steps - 1), final: to }),
        signal: tools.signal,
      },
    )) {
      if (event.type === "skipped") break; // Not finite: no higher rate is better.
      if (event.type !== "step") continue;
      points.push({ rate: event.learningRate, loss: event.loss });
      reporter.progress(
        `range test ${event.step}/${steps}  rate ${rateText(event.learningRate)}  loss ${lossText(event.loss)}`,
        event.step / steps,
      );
      if (hasDiverged(points.map(({ loss }) => loss))) break;
    }
    tools.signal.throwIfAborted();
    const test: RangeTest = { points, ...suggestRate(points) };
    reporter.event({ type: "rangeTest", ...test });
    if (page !== undefined) {
      await writeFileAtomic(page, new TextEncoder().encode(rangeTestPage(test)));
      reporter.note(`Open ${shellWord(page)} in a browser.`);
    }
    reporter.note(
      test.rate === undefined
        ? `no learning rate stands out: ${test.why}`
        : `--learning-rate ${rateText(test.rate)}: ${test.why}`,
    );
  } finally {
    await base.close();
  }
}

/** Where the page goes. @throws {CliError} It cannot be written there. */
async function pageIn(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const page = join(folder, "range-test.html");
  await requireWritable(page);
  return page;
}
