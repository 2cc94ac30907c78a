import type { Settings } from "../settings.js";

/** A loss after a step. */
export interface LossPoint {
  readonly step: number;
  /** Of the codes that are predicted: what makes the sound. */
  readonly mel: number;
}

/** Something that was spoken, in a file of the studio's folder. */
export interface Speech {
  readonly kind: "recording" | "before" | "sample" | "after" | "spoken";
  readonly text: string;
  readonly file: string;
  readonly seconds: number;
  /** Steps that the model was trained for; 0 for the base. */
  readonly step: number;
  /** Whether the model ended the sentence itself. */
  readonly stopped: boolean;
}

/** What a fine-tuning is doing. */
export type RunPart = "preparing" | "listening" | "training" | "decoder" | "speaking" | "saving";

/** A fine-tuning that is asked for. */
export interface RunRequest {
  /** Nothing else has it: a tab can tell the fine-tuning that it shows from one of another tab. */
  readonly id: string;
  readonly settings: Settings;
  /** Ids of the clips with what is said in them. */
  readonly clips: readonly RunClip[];
}

/** A fine-tuning, as far as it has come. */
export interface Run extends RunRequest {
  readonly state: "running" | "stopped" | "failed" | "done";
  readonly part: RunPart;
  /** Steps made. */
  readonly step: number;
  /** Steps that are safe in the studio's folder. */
  readonly savedStep: number;
  readonly decoderStep: number;
  /** Steps that the model in the studio's folder was trained for; undefined while there is none. */
  readonly modelStep?: number;
  readonly losses: readonly LossPoint[];
  readonly measured: readonly LossPoint[];
  readonly speeches: readonly Speech[];
  readonly warnings: readonly string[];
  /** To the end of the part that is being done. */
  readonly etaSeconds?: number;
  /** How far the part is, 0 to 1. */
  readonly share: number;
  /** Why it failed. */
  readonly message?: string;
  /** Where it computes, once that is known; why there, where that was not chosen by hand. */
  readonly device?: { readonly name: string; readonly why?: string };
  /** Of the base that it began with, once that is known. */
  readonly baseHash?: string;
}

/** What may be another after a stop: a device that was lost, and a step that found no memory, are no end. */
export type ResumeSettings = Partial<Pick<Settings, "device" | "batchSize">>;

export interface RunClip {
  readonly id: string;
  readonly file: string;
  readonly text: string;
}

/** What happens to a fine-tuning. */
export type RunEvent =
  | ({ readonly type: "started" } & RunRequest)
  /** From a step that was saved. */
  | { readonly type: "resumed"; readonly step: number; readonly settings?: ResumeSettings }
  | { readonly type: "device"; readonly name: string; readonly why?: string }
  | { readonly type: "base"; readonly hash: string }
  | { readonly type: "part"; readonly part: RunPart; readonly share?: number }
  | ({
      readonly type: "step";
      readonly etaSeconds: number;
    } & LossPoint)
  | ({ readonly type: "measured" } & LossPoint)
  | { readonly type: "saved"; readonly step: number }
  | { readonly type: "decoderStep"; readonly step: number; readonly etaSeconds: number }
  | { readonly type: "modelKept" }
  | { readonly type: "speech"; readonly speech: Speech }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "done" };

/** A fine-tuning that has just been asked for. */
export function newRun({ id, settings, clips }: RunRequest): Run {
  return {
    id,
    state: "running",
    settings,
    clips,
    part: "preparing",
    step: 0,
    savedStep: 0,
    decoderStep: 0,
    losses: [],
    measured: [],
    speeches: [],
    warnings: [],
    share: 0,
  };
}

/** The fine-tuning after something happened to it; the worker keeps it and the page shows it. */
export function runAfter(run: Run, event: RunEvent): Run {
  switch (event.type) {
    case "started":
      return newRun(event);
    case "resumed":
      return resumed({ ...run, settings: { ...run.settings, ...event.settings } }, event.step);
    case "device": {
      const { type: _, ...device } = event;
      return { ...run, device };
    }
    case "base":
      return { ...run, baseHash: event.hash };
    case "part":
      return withoutEta({ ...run, part: event.part, share: event.share ?? 0 });
    case "step": {
      const { step, mel, etaSeconds } = event;
      const share = step / run.settings.steps;
      const losses = [...run.losses, { step, mel }];
      return { ...run, part: "training", step, losses, etaSeconds, share };
    }
    case "measured":
      return { ...run, measured: [...run.measured, { step: event.step, mel: event.mel }] };
    case "saved":
      return { ...run, savedStep: event.step };
    case "decoderStep": {
      const { step: decoderStep, etaSeconds } = event;
      const share = decoderStep / run.settings.decoderSteps;
      return { ...run, part: "decoder", decoderStep, etaSeconds, share };
    }
    case "modelKept":
      return { ...run, modelStep: run.step };
    case "speech":
      return { ...run, speeches: [...run.speeches, event.speech] };
    case "warning":
      return { ...run, warnings: [...new Set([...run.warnings, event.message])] };
    case "stopped":
      return withoutEta({ ...run, state: "stopped" });
    case "failed":
      return withoutEta({ ...run, state: "failed", message: event.message });
    case "done":
      return withoutEta({ ...run, state: "done", share: 1 });
  }
}

/** What came after the step that was saved is made again. */
function resumed({ message: _, ...run }: Run, step: number): Run {
  const isKept = (point: { readonly step: number }): boolean => point.step <= step;
  return withoutEta({
    ...run,
    state: "running",
    part: "preparing",
    step,
    savedStep: step,
    decoderStep: 0,
    share: 0,
    losses: run.losses.filter(isKept),
    measured: run.measured.filter(isKept),
    speeches: run.speeches.filter((speech) => isKept(speech) && speech.kind !== "after"),
  });
}

function withoutEta({ etaSeconds: _, ...run }: Run): Run {
  return run;
}
