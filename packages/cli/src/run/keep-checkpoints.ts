import { copyFile, link, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expiredCheckpoints } from "@hawksbill/trainer";
import { CliError } from "../cli-error.js";
import type { RunSettings } from "./run-config.js";
import { runFiles } from "./run-files.js";
import type { RunLog } from "./run-log.js";

/** @throws {CliError} There will be checkpoints of which nobody knows how good they are. */
export function requireMeasured(settings: RunSettings): void {
  const { steps, keepBest = 0, evaluateEvery, checkpointEvery } = settings;
  const [evaluate, save] = [evaluateEvery, checkpointEvery].map((n) => n ?? Math.ceil(steps / 5));
  if (keepBest > 0 && (save as number) % (evaluate as number) !== 0)
    throw new CliError(
      `--keep-best chooses among checkpoints that are measured, but --checkpoint-every is ${save} and --evaluate-every ${evaluate}; give it a whole multiple of that`,
    );
}

/**
 * Keeps the checkpoint that was just written beside the newest, and lets those go that are neither
 * among the last nor among the best. Where links are possible, none takes room twice.
 */
export async function keepCheckpoint(
  folder: string,
  step: number,
  { settings, log }: { readonly settings: RunSettings; readonly log: RunLog },
): Promise<void> {
  const { keepLast: last = 1, keepBest: best = 0 } = settings;
  if (last === 1 && best === 0) return;
  const kept = join(folder, runFiles.checkpoints);
  await mkdir(kept, { recursive: true });
  const [newest, copy] = [join(folder, runFiles.checkpoint), join(kept, fileOf(step))];
  await rm(copy, { force: true });
  await link(newest, copy).catch(() => copyFile(newest, copy));

  const losses = new Map(log.bySteps("evaluation").map(({ step, loss }) => [step, loss]));
  const found = (await readdir(kept)).flatMap((name) => {
    const [, digits] = /^step-(\d+)\.safetensors$/.exec(name) ?? [];
    if (digits === undefined) return [];
    const loss = losses.get(Number(digits));
    return [{ step: Number(digits), ...(loss === undefined ? {} : { loss }) }];
  });
  for (const expired of expiredCheckpoints(found, { last, best }))
    await rm(join(kept, fileOf(expired.step)), { force: true });
}

function fileOf(step: number): string {
  return `step-${step}.safetensors`;
}
