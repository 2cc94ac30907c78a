import type { EncodeEvent, FinetuneEvent, Plan, WarningEvent } from "@hawksbill/tortoise";
import type { CheckpointEvent, EvaluationEvent, SkippedEvent, StepEvent } from "@hawksbill/trainer";
import type { Summary } from "./summary.js";

/** What happens in a run: a line of `log.jsonl` and of `--json`. */
export type RunEvent =
  | StartEvent
  | DataEvent
  | PlanEvent
  | { readonly type: "split"; readonly training: string[]; readonly heldOut: string[] }
  | EncodeEvent
  | WarningEvent
  | StepEvent
  | SkippedEvent
  | EvaluationEvent
  | CheckpointEvent
  | CheckpointFailed
  | SpeechEvent
  | SampleEvent
  | DecoderEvent<"decoderStep">
  | DecoderEvent<"decoderEvaluation">
  | AdapterEvent
  | DoneEvent
  | { readonly type: "aborted"; readonly step: number; readonly steps: number }
  | SessionEvent
  | (Summary & { readonly type: "summary" });

/** A session of the run begins; a resumed run has several. */
export interface StartEvent {
  readonly type: "start";
  readonly time: string;
  readonly hawksbill: string;
  readonly platform: string;
  readonly device: string;
  readonly fromStep: number;
}

/** The dataset was read and checked. */
export interface DataEvent {
  readonly type: "data";
  readonly clips: number;
  readonly seconds: number;
  /** What was left out, and why. */
  readonly leftOut: readonly string[];
}

/** What was not given was planned. */
export interface PlanEvent {
  readonly type: "plan";
  readonly plan: Plan;
}

/** An adapter is trained in place of the weights. */
export interface AdapterEvent {
  readonly type: "adapter";
  readonly rank: number;
  readonly alpha: number;
  /** Numbers that are trained. */
  readonly parameters: number;
}

/** All steps were made, or the patience ran out. */
export interface DoneEvent {
  readonly type: "done";
  readonly step: number;
  readonly steps: number;
  /** The measurement whose weights the model has now, where the best was wanted. */
  readonly best?: { readonly step: number; readonly loss: number };
}

export interface CheckpointFailed {
  readonly type: "checkpointFailed";
  readonly step: number;
  readonly steps: number;
  readonly message: string;
}

/** The model said the held-out sentence. */
export interface SpeechEvent {
  readonly type: "speech";
  readonly which: "before" | "after";
  readonly seconds: number;
  /** Whether the model ended the sentence itself. */
  readonly stopped: boolean;
}

/** The model of this step said the held-out sentence. */
export interface SampleEvent {
  readonly type: "sample";
  readonly step: number;
  /** In the run's folder. */
  readonly file: string;
  readonly seconds: number;
  /** Whether the model ended the sentence itself. */
  readonly stopped: boolean;
}

/** A step that fits the dVAE's decoder to the voice was made, or its held-out clips were measured. */
export interface DecoderEvent<Type> {
  readonly type: Type;
  readonly step: number;
  readonly steps: number;
  /** Mean squared error of the logarithmic mel. */
  readonly loss: number;
}

/** A session of the run ended. */
export interface SessionEvent {
  readonly type: "session";
  /** By part; those of earlier sessions are counted in. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakMemoryMB: number;
}

/** An event without what only a program in this process can use. */
export function plainEvent(event: Exclude<FinetuneEvent, { type: "average" }>): RunEvent {
  switch (event.type) {
    case "split": {
      const ids = (clips: typeof event.training): string[] => clips.map(({ id }) => id);
      return { type: "split", training: ids(event.training), heldOut: ids(event.heldOut) };
    }
    case "checkpointFailed": {
      const { type, step, steps, error } = event;
      return { type, step, steps, message: error instanceof Error ? error.message : `${error}` };
    }
    case "adapter": {
      const { rank, alpha, weights } = event.adapter;
      const parameters = Object.values(weights).reduce((sum, { size }) => sum + size, 0);
      return { type: "adapter", rank, alpha, parameters };
    }
    case "done": {
      const { type, step, steps, best } = event;
      return { type, step, steps, ...(best ? { best } : {}) };
    }
    case "aborted":
      return { type: "aborted", step: event.step, steps: event.steps };
    default:
      return event;
  }
}
