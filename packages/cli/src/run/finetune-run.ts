import { join } from "node:path";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import { disposeTree } from "@hawksbill/core";
import { disposeModel, type Model } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { decodeTrainingState, type TrainingState } from "@hawksbill/trainer";
import { CliError, Interrupted } from "../cli-error.js";
import type { Tools } from "../context.js";
import { exists, modelPath } from "../place.js";
import { fingerprints, requireSame } from "./fingerprints.js";
import { finishRun } from "./finish-run.js";
import { fitDecoder } from "./fit-decoder.js";
import { messageOf, type RunOptions, resumeCommand } from "./job.js";
import { isWhole, plannedSettings } from "./plan-settings.js";
import { readDataset } from "./read-dataset.js";
import { writeRunConfig } from "./run-config.js";
import { runFiles } from "./run-files.js";
import { Session } from "./session.js";
import { trainModel } from "./train-model.js";

/**
 * Fine-tunes a model on a dataset and leaves all of it in a folder: checkpoint, model, log, speech
 * before and after, summary and report.
 *
 * @throws {Interrupted} The signal came; the state is saved. {CliError} It failed; what is kept is said.
 */
export async function finetuneRun(options: RunOptions, tools: Tools): Promise<void> {
  const { folder, resume, settings } = options;
  const state = resume ? await readState(folder) : undefined;
  const session = await Session.begin(tools, folder, state?.step ?? 0);
  let model: Model | undefined;
  try {
    const baseFolder = await modelPath(settings.base);
    model = await openModel(baseFolder);
    session.watch.lap("open");
    const dataset = await readDataset(settings, model, session);
    const prints = await fingerprints(baseFolder, dataset.clips);
    if (resume) requireSame(folder, resume, prints);
    const isSettled = resume !== undefined || options.command === "demo";
    const whole =
      isSettled && isWhole(settings)
        ? settings
        : await plannedSettings(settings, { model, dataset, session });
    if (!resume) {
      const { command } = options;
      await writeRunConfig(folder, { format: 1, command, settings: whole, ...prints });
    }
    await session.log.release();
    session.watch.lap("data");
    const job = {
      ...options,
      settings: whole,
      model,
      dataset,
      session,
      ...(state ? { state } : {}),
    };
    const split = await trainModel(job);
    await fitDecoder(job, split);
    await finishRun(job, split);
  } catch (error) {
    throw await explained(error, options, tools);
  } finally {
    await session.end();
    if (model) disposeModel(model);
    if (state) disposeTree([state.weights, state.optimizer.moments, state.best?.weights]);
  }
}

async function readState(folder: string): Promise<TrainingState> {
  const path = join(folder, runFiles.checkpoint);
  if (!(await exists(path)))
    throw new CliError(
      `${folder}: the run stopped before its first checkpoint; start it again with --out`,
    );
  return decodeTrainingState(await readSafetensors(path), path);
}

/** An error with what is kept in spite of it, and how to go on. */
async function explained(
  error: unknown,
  { folder }: RunOptions,
  { signal }: Tools,
): Promise<unknown> {
  if (error instanceof CliError || !(await exists(join(folder, runFiles.checkpoint)))) return error;
  const goOn = `What was saved is safe. Go on with:\n  ${resumeCommand(folder)}`;
  return error === signal.reason
    ? new Interrupted(`Stopped. ${goOn}`)
    : new CliError(`${messageOf(error)}\n${goOn}`, { cause: error });
}
