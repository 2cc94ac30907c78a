import { Random } from "@hawksbill/core";
import { BatchCursor } from "./batch-cursor.js";
import { evaluator } from "./evaluation.js";
import { copyWeights } from "./host-weights.js";
import { aborted, diverged, failed } from "./how-it-ended.js";
import { Pace } from "./pace.js";
import { constant } from "./schedules.js";
import { gradientSource } from "./step-gradients.js";
import type { TrainOptions } from "./train-options.js";
import { TrainingError } from "./training-error.js";
import type {
  CheckpointEvent,
  CheckpointFailedEvent,
  EvaluationEvent,
  SkippedEvent,
  StepEvent,
  TrainingEvent,
} from "./training-events.js";
import type { TrainingState } from "./training-state.js";

/**
 * Trains weights in place, and tells of each step.
 *
 * Training stands still while an event is looked at, so weights may be read, saved or spoken with
 * there; leaving the `for await` loop ends it.
 *
 * @throws {TrainingError} An option makes no sense, there are no batches, gradients were NaN too
 * often, the last checkpoint cannot be saved, or anything failed after the first step. The error's
 * `state` holds what was reached.
 */
export function train<B>(options: TrainOptions<B>): AsyncGenerator<TrainingEvent, void, undefined> {
  requireCount("steps", options.steps);
  requireCount("accumulate.batches", options.accumulate?.batches);
  requireCount("evaluate.every", options.evaluate?.every);
  requireCount("checkpoint.every", options.checkpoint?.every);
  requireCount("maxSkipped", options.maxSkipped);
  return events(options);
}

function requireCount(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1))
    throw new TrainingError(`train: ${name} is ${value}; give a whole number >= 1`);
}

async function* events<B>(
  options: TrainOptions<B>,
): AsyncGenerator<TrainingEvent, void, undefined> {
  const { weights, optimizer, steps, evaluate, checkpoint, signal, resume } = options;
  const { schedule = constant(optimizer.learningRate), maxSkipped = 10 } = options;
  const { now = () => performance.now() } = options;
  const secondsSince = (time: number): number => (now() - time) / 1000;

  if (resume) {
    copyWeights("train: resume.weights", resume.weights, weights);
    optimizer.load(resume.optimizer);
  }
  const random = resume ? Random.from(resume.random) : (options.random ?? new Random(0));
  const first = resume?.step ?? 0;
  // Batches are counted as used once their step is made: one that fails begins with them again.
  let { step, epoch, batch } = resume ?? { step: 0, epoch: 0, batch: 0 };
  let savedStep = step;
  let skippedInARow = 0;
  const cursor = new BatchCursor(options.batches, random, { epoch, batch });
  const gradients = gradientSource(options);
  const heldOut = evaluator(options);
  const began = now();
  const pace = new Pace(now);

  function state(): TrainingState {
    const { state: optimizerState } = optimizer;
    return { step, epoch, batch, weights, optimizer: optimizerState, random: random.state };
  }

  async function makeStep(): Promise<StepEvent | SkippedEvent> {
    const stepBegan = now();
    const learningRate = schedule(step);
    const { grads, scale, losses, dispose } = await gradients.next(cursor);
    const { loss, ...metrics } = losses;
    const { gradNorms, skipped } = Number.isFinite(loss)
      ? optimizer.step(weights, grads, { learningRate, clip: options.clip, gradientScale: scale })
      : { gradNorms: [Number.NaN], skipped: true };
    dispose();
    ({ epoch, batch } = cursor.position);
    const gradNorm = Math.hypot(...gradNorms);
    skippedInARow = skipped ? skippedInARow + 1 : 0;
    if (skipped) return { type: "skipped", step, steps, loss, gradNorm, inARow: skippedInARow };

    step++;
    pace.lap();
    const seconds = secondsSince(stepBegan);
    return {
      type: "step",
      step,
      steps,
      loss,
      metrics,
      learningRate,
      gradNorm,
      seconds,
      ...(losses.tokens === undefined ? {} : { tokensPerSecond: losses.tokens / seconds }),
      etaSeconds: pace.etaSeconds(steps - step),
      ...(options.memoryMB ? { memoryMB: options.memoryMB() } : {}),
    };
  }

  async function measure({ batches }: NonNullable<typeof evaluate>): Promise<EvaluationEvent> {
    const evaluationBegan = now();
    const { loss, ...metrics } = await heldOut.measure(batches());
    const seconds = secondsSince(evaluationBegan);
    return { type: "evaluation", step, steps, loss, metrics, seconds };
  }

  async function save({
    save,
  }: NonNullable<typeof checkpoint>): Promise<CheckpointEvent | CheckpointFailedEvent> {
    const saveBegan = now();
    try {
      await save(state());
    } catch (error) {
      return { type: "checkpointFailed", step, steps, error };
    }
    savedStep = step;
    return { type: "checkpoint", step, steps, seconds: secondsSince(saveBegan) };
  }

  try {
    if (evaluate && step === 0 && !signal?.aborted) yield await measure(evaluate);
    while (step < steps && !signal?.aborted) {
      await letOthersRun();
      const event = await makeStep();
      yield event;
      if (event.type === "skipped") {
        if (skippedInARow >= maxSkipped) throw diverged(event, state());
        continue;
      }
      if (evaluate && (step === steps || (step % evaluate.every === 0 && !signal?.aborted)))
        yield await measure(evaluate);
      if (checkpoint?.every && step % checkpoint.every === 0) yield await save(checkpoint);
    }
    if (checkpoint && step > savedStep) {
      const event = await save(checkpoint);
      yield event;
      if (event.type === "checkpointFailed") throw event.error;
    }
    if (step < steps) yield aborted(state(), steps, savedStep);
    else yield { type: "done", step, steps, seconds: secondsSince(began), state: state() };
  } catch (error) {
    const nothingToLose = step === first;
    if (nothingToLose || (error instanceof TrainingError && error.state)) throw error;
    if (checkpoint && step > savedStep) await save(checkpoint);
    throw failed(error, state(), steps, savedStep);
  } finally {
    await cursor.close();
    await gradients.release();
    await heldOut.release();
  }
}

/** A turn of the event loop, for clicks, timers and abort signals: in a browser's wasm none is given else. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
