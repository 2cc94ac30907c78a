import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors } from "@hawksbill/checkpoint/node";
import { disposeTree, type Tensor, type Weights } from "@hawksbill/core";
import { decodeTrainingState, type TrainingState } from "@hawksbill/trainer";
import { CliError, Interrupted } from "../cli-error.js";
import type { Tools } from "../context.js";
import { given } from "../given.js";
import { exists } from "../place.js";
import { changesSince, fingerprints, requireSame } from "./fingerprints.js";
import { finishRun } from "./finish-run.js";
import { fitDecoder } from "./fit-decoder.js";
import { messageOf, type RunOptions, resumeCommand, stoppedEarly } from "./job.js";
import { requireMeasured } from "./keep-checkpoints.js";
import { basePaths, decoderPath, type OpenedBase, openBase } from "./open-base.js";
import { isWhole, plannedSettings } from "./plan-settings.js";
import { readDataset } from "./read-dataset.js";
import { beginning, hasBegun, writeRunConfig } from "./run-config.js";
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
  const { folder, settings, command } = options;
  const resume = options.resume && hasBegun(options.resume) ? options.resume : undefined;
  let state = resume ? await readState(folder) : undefined;
  const session = await Session.begin(tools, folder, resume && (state ?? { step: 0 }));
  let base: OpenedBase | undefined;
  try {
    if (!resume) await writeRunConfig(folder, beginning(command, settings));
    base = await openBase(settings);
    const { model, diffusion, vocoder } = base;
    session.watch.lap("open");
    const dataset = await readDataset(settings, model, session);
    const prints = await fingerprints(
      { ...(await basePaths(settings)), diffusion: await decoderPath(settings) },
      dataset.clips,
    );
    const changes = resume ? changesSince(resume, prints) : [];
    if (!options.accepted) requireSame(folder, changes);
    const accepted = resume ? [...(options.accepted ?? []), ...changes] : [];
    if (state && changes.length > 0 && settings.lora === undefined)
      requireForm(folder, state, diffusion ?? model.unifiedVoice);
    const isSettled = resume !== undefined || command === "demo";
    const whole =
      isSettled && isWhole(settings)
        ? settings
        : await plannedSettings(settings, { ...base, dataset, session });
    requireMeasured(whole);
    if (!resume) await session.release(); // Before the config: that one says that the plan is logged.
    const placed = { ...whole, device: tools.device.name };
    const changedAt = accepted.length > 0 ? state?.step : resume?.changedAt;
    await writeRunConfig(folder, {
      ...{ format: 1, command, settings: placed },
      ...prints,
      ...given({ changedAt }),
    });
    if (accepted.length > 0) {
      const message = `the run goes on with changes: ${accepted.join(", ")}`;
      await session.tell({ type: "warning", message });
    }
    if (state?.step === changedAt) state &&= inNextEpoch(state);
    if (resume) await session.release();
    session.watch.lap("data");
    const job = {
      ...options,
      settings: whole,
      model,
      dataset,
      session,
      ...given({ diffusion, vocoder }),
      ...(state ? { state } : {}),
    };
    const split = await trainModel(job);
    if (!diffusion) await fitDecoder(job, split);
    await finishRun(job, split);
  } catch (error) {
    if (!options.resume && !session.isReleased)
      await rm(join(folder, runFiles.config), { force: true });
    throw await explained(error, options, tools);
  } finally {
    await session.end();
    await base?.close();
    if (state) {
      const { weights, optimizer, average, best } = state;
      disposeTree([weights, optimizer.moments, average, best?.weights]);
    }
  }
}

/** Batches are counted within an epoch of the very data and settings: with others it begins anew. */
function inNextEpoch(state: TrainingState): TrainingState {
  return { ...state, epoch: state.epoch + 1, batch: 0 };
}

/** @throws {CliError} The base that was accepted in place of the run's own has other weights than it trains. */
function requireForm(folder: string, { weights }: TrainingState, base: Weights): void {
  for (const [name, { shape }] of Object.entries(weights))
    if (`${base[name]?.shape}` !== `${shape}`)
      throw new CliError(
        `the base is of another form than that which the run in ${folder} trains: ${name} is ${formOf(base[name])}, not [${shape}]; give one of the same form, or start a new run with another --out`,
      );
}

function formOf(weight: Tensor | undefined): string {
  return weight ? `[${weight.shape}]` : "missing";
}

/** The state to go on from; nothing if the run stopped before its first checkpoint, and so begins anew. */
async function readState(folder: string): Promise<TrainingState | undefined> {
  const path = join(folder, runFiles.checkpoint);
  if (!(await exists(path))) return undefined;
  return decodeTrainingState(await readSafetensors(path), path);
}

/** An error with what is kept in spite of it, and how to go on. */
async function explained(
  error: unknown,
  { folder }: RunOptions,
  { signal }: Tools,
): Promise<unknown> {
  if (error instanceof CliError) return error;
  const isStopped = error === signal.reason;
  if (!(await exists(join(folder, runFiles.checkpoint)))) {
    const canGoOn = await exists(join(folder, runFiles.config));
    return isStopped && canGoOn ? stoppedEarly(folder) : error;
  }
  const goOn = `What was saved is safe. Go on with:\n  ${resumeCommand(folder)}`;
  return isStopped
    ? new Interrupted(`Stopped. ${goOn}`)
    : new CliError(`${messageOf(error)}\n${goOn}`, { cause: error });
}
