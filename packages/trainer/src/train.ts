import { Random } from "@hawksbill/core";
import { BatchCursor } from "./batch-cursor.js";
import { BestWeights } from "./best-weights.js";
import { measureLosses } from "./evaluation.js";
import { aborted, diverged, failed, halfway, lost } from "./how-it-ended.js";
import { loadState } from "./load-state.js";
import { lossProgram } from "./loss-program.js";
import { Pace } from "./pace.js";
import { requireOptions } from "./require-options.js";
import { residentTraining } from "./resident-training.js";
import { constant, type Schedule } from "./schedules.js";
import { stepMaker } from "./step-maker.js";
import type { Evaluation, TrainOptions } from "./train-options.js";
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
import { yieldToEventLoop } from "./yield-to-event-loop.js";

/**
 * Trains weights in place, and tells of each step.
 *
 * Training stands still while an event is looked at, so weights may be read, saved or spoken with
 * there; leaving the `for await` loop ends it.
 *
 * @throws {TrainingError} An option makes no sense, there are no batches, gradients were NaN too
 * often, the last checkpoint cannot be saved, or anything failed after the first step. The error's
 * `state` holds what was reached, unless the device took it or a step was made in part.
 */
export function train<B>(options: TrainOptions<B>): AsyncGenerator<TrainingEvent, void, undefined> {
  requireOptions(options);
  return events(options);
}

async function* events<B>(
  options: TrainOptions<B>,
): AsyncGenerator<TrainingEvent, void, undefined> {
  const { weights, optimizer, average, steps, evaluate, checkpoint, signal, resume } = options;
  const { schedule = constant(optimizer.learningRate), maxSkipped = 10 } = options;
  const { now = () => performance.now() } = options;
  const secondsSince = (time: number): number => (now() - time) / 1000;

  const best = options.best && new BestWeights(options.best);
  if (resume) loadState(resume, options, best);
  const random = resume ? Random.from(resume.random) : (options.random ?? new Random(0));
  const first = resume?.step ?? 0;
  // Batches are counted as used once their step is made: one that fails begins with them again.
  let { step, epoch, batch } = resume ?? { step: 0, epoch: 0, batch: 0 };
  let skipped = resume?.skipped ?? { inARow: 0, total: 0 };
  let evaluatedStep = resume ? (resume.evaluatedStep ?? first) : undefined;
  let savedStep = step;
  const cursor = new BatchCursor(options.batches, random, { epoch, batch });
  const resident = residentTraining(options);
  const program = lossProgram(options, { keepGradients: resident !== undefined });
  const maker = stepMaker(options, program, resident);
  const began = now();
  const pace = new Pace(now);
  let handedOver = false; // The state with the best weights, to whoever goes on with it.
  let hasFailed = false;

  function isAtEnd(): boolean {
    return step >= steps || best?.exhausted === true;
  }

  function state(): TrainingState {
    const bestState = best?.state;
    return {
      step,
      epoch,
      batch,
      weights,
      optimizer: optimizer.state,
      random: random.state,
      skipped,
      ...(evaluatedStep === undefined ? {} : { evaluatedStep }),
      ...(average ? { average: average.weights } : {}),
      ...(bestState ? { best: bestState } : {}),
    };
  }

  async function makeStep(): Promise<StepEvent | SkippedEvent> {
    const stepBegan = now();
    const learningRate = rateOf(schedule, step);
    await resident?.enter();
    const { losses, gradNorms, skipped: isSkipped } = await maker.next(cursor, learningRate);
    const { loss, ...metrics } = losses;
    ({ epoch, batch } = cursor.position);
    const gradNorm = Math.hypot(...gradNorms);
    if (isSkipped) {
      skipped = { inARow: skipped.inARow + 1, total: skipped.total + 1 };
      return { type: "skipped", step, steps, loss, gradNorm, ...skipped };
    }
    skipped = { inARow: 0, total: skipped.total };
    if (resident) await resident.follow();
    else average?.update(weights);

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

  /** An abort leaves a measurement that is due, or under way, to the run that goes on. */
  function evaluationIsDue({ every }: Evaluation<B>): boolean {
    if (step === evaluatedStep) return false;
    return step === steps || (step % every === 0 && !signal?.aborted);
  }

  async function* measureIfDue(): AsyncGenerator<EvaluationEvent> {
    if (!evaluate || !evaluationIsDue(evaluate)) return;
    const { batches, of = "weights" } = evaluate;
    const evaluationBegan = now();
    const measured = of === "average" && average ? average.weights : weights;
    const until = step < steps ? signal : undefined; // The last one is always made.
    const losses = await measureLosses(program, measured, batches(), until);
    if (!losses) return;
    await resident?.leave();
    const { loss, ...metrics } = losses;
    const isBest = best?.consider(step, losses, measured);
    evaluatedStep = step;
    const seconds = secondsSince(evaluationBegan);
    const verdict = isBest === undefined ? {} : { isBest };
    yield { type: "evaluation", step, steps, loss, metrics, ...verdict, seconds };
  }

  function saveIsDue({ every }: NonNullable<typeof checkpoint>): boolean {
    return every !== undefined && step % every === 0;
  }

  async function save({
    save,
  }: NonNullable<typeof checkpoint>): Promise<CheckpointEvent | CheckpointFailedEvent> {
    const saveBegan = now();
    await resident?.leave();
    try {
      await save(state());
    } catch (error) {
      return { type: "checkpointFailed", step, steps, error };
    }
    savedStep = step;
    return { type: "checkpoint", step, steps, seconds: secondsSince(saveBegan) };
  }

  /** Frees all, whatever of it fails; the first failure is told, unless another error is on its way. */
  async function end(): Promise<void> {
    const left = await failureOf(() => resident?.leave()); // Somebody may have ended the loop behind a step.
    maker.dispose();
    const failures = [
      left && step > first ? lost(left, step, steps, savedStep) : left,
      await failureOf(() => cursor.close()),
      await failureOf(() => resident?.release()),
      await failureOf(() => program.release()),
    ];
    if (!handedOver) best?.dispose();
    const failure = failures.find((one) => one !== undefined);
    if (failure && !hasFailed) throw failure;
  }

  try {
    yield* measureIfDue();
    // A run killed right behind its checkpoint could not tell of it any more.
    if (resume && checkpoint && (saveIsDue(checkpoint) || isAtEnd()))
      yield { type: "checkpoint", step, steps, seconds: 0 };
    while (!isAtEnd() && !signal?.aborted) {
      await yieldToEventLoop();
      const event = await makeStep();
      yield event;
      if (event.type === "skipped") {
        if (skipped.inARow < maxSkipped) continue;
        if (checkpoint && step > savedStep) yield await save(checkpoint);
        await resident?.leave();
        throw diverged(event, state(), { savedStep, inParts: options.update === "parts" });
      }
      yield* measureIfDue();
      if (checkpoint && saveIsDue(checkpoint)) yield await save(checkpoint);
    }
    if (checkpoint && step > savedStep) {
      const event = await save(checkpoint);
      yield event;
      if (event.type === "checkpointFailed") throw event.error;
    }
    await resident?.leave();
    if (!isAtEnd()) {
      handedOver = true;
      yield aborted(state(), steps, savedStep);
      return;
    }
    best?.restore(weights);
    best?.dispose();
    yield {
      type: "done",
      reason: step < steps ? "patience" : "steps",
      ...(best?.found ? { best: best.found } : {}),
      step,
      steps,
      seconds: secondsSince(began),
      state: state(),
    };
  } catch (error) {
    hasFailed = true;
    const nothingToLose = step === first;
    const isLost = (await failureOf(() => resident?.leave())) !== undefined;
    if (isLost && !nothingToLose) throw lost(error, step, steps, savedStep);
    if (maker.isHalfway) throw halfway(error, step, steps, savedStep);
    handedOver = error instanceof TrainingError && error.state !== undefined;
    if (nothingToLose || handedOver) throw error;
    if (checkpoint && step > savedStep) await save(checkpoint);
    handedOver = true;
    throw failed(error, state(), steps, savedStep);
  } finally {
    await end();
  }
}

/** What a task failed with. */
async function failureOf(task: () => Promise<void> | undefined): Promise<unknown> {
  try {
    await task();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @throws {TrainingError} It is no number >= 0: one step with it would ruin all weights. */
function rateOf(schedule: Schedule, step: number): number {
  const rate = schedule(step);
  if (Number.isFinite(rate) && rate >= 0) return rate;
  throw new TrainingError(
    `train: the schedule's learning rate of step ${step} is ${rate}; give a number >= 0`,
  );
}
