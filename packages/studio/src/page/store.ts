import { computed, signal } from "@preact/signals";
import type { Clip, Examined } from "../clips.js";
import type { Run, RunClip, Speech } from "../run/run.js";
import type { BaseFacts, BaseName, Settings, Suggestions } from "../settings.js";

/** Something that people should know. */
export interface Notice {
  readonly kind: "error" | "note";
  readonly text: string;
}

/** All that the page shows. Actions change it; components read it. */
export const store = {
  /** Whether what was kept last time has been read. */
  isOpen: signal(false),
  notice: signal<Notice | undefined>(undefined),
  /** Whether everything is kept, so that the page opens without a network. */
  offline: signal<"waiting" | "ready" | "failed">("waiting"),

  clips: signal<readonly Clip[]>([]),
  /** Texts that were written and are not kept yet, by their clips' ids. */
  drafts: signal<Readonly<Record<string, string>>>({}),
  /** Whether files are being read. */
  isAdding: signal(false),
  /** Changing while the browser asks whether it may, and while the microphone is let go of. */
  recorder: signal<"idle" | "changing" | "recording">("idle"),
  examined: signal<Examined | undefined>(undefined),
  /** How far the examination is, 0 to 1; undefined while there is none. */
  examining: signal<number | undefined>(undefined),

  baseName: signal<BaseName>("embedded"),
  base: signal<BaseFacts | undefined>(undefined),
  device: signal<Settings["device"]>("auto"),
  rank: signal(0),
  suggestions: signal<Suggestions | undefined>(undefined),
  /** What people chose instead of the suggestions. */
  choices: signal<Partial<Record<NumberSetting, number>>>({}),

  run: signal<Run | undefined>(undefined),
  /** Whether this tab fine-tunes: from the click that asks for it until all is let go of. */
  isTraining: signal(false),
  /** What was spoken on demand, the latest first. */
  spoken: signal<readonly Speech[]>([]),
  /** How far the speaking is, 0 to 1; undefined while there is none. */
  speaking: signal<number | undefined>(undefined),
};

/** A setting that has a suggestion. */
export type NumberSetting = Exclude<keyof Suggestions, "memoryMB">;

const numberSettings = [
  "steps",
  "batchSize",
  "learningRate",
  "listenEvery",
  "decoderSteps",
] as const;

/** What a fine-tuning would be started with; undefined until it can be. */
export const settings = computed<Settings | undefined>(() => {
  const suggestions = store.suggestions.value;
  if (!suggestions) return undefined;
  const chosen = (name: NumberSetting): number =>
    store.choices.value[name] ?? suggestions[name].value;
  const numbers = Object.fromEntries(numberSettings.map((name) => [name, chosen(name)]));
  return {
    ...(numbers as Record<NumberSetting, number>),
    base: store.baseName.value,
    device: store.device.value,
    rank: store.rank.value,
    seed: 0,
  };
});

/** The clips that would be learnt from: ticked, and nothing fatal is wrong with them; what is being written counts. */
export const usableClips = computed<readonly RunClip[]>(() =>
  store.clips.value
    .filter(({ id, isUsed }) => {
      const facts = store.examined.value?.clips[id];
      return isUsed && facts !== undefined && !facts.findings.some(({ isFatal }) => isFatal);
    })
    .map(({ id, file, text }) => ({ id, file, text: store.drafts.value[id]?.trim() ?? text })),
);

/** Whether there is a fine-tuning that stopped, or failed, before its end. */
export const canResume = computed(() => {
  const state = store.run.value?.state;
  return !store.isTraining.value && (state === "stopped" || state === "failed");
});

/** What has become of the clips that the fine-tuning learns from. */
export const clipsOfRun = computed(() => {
  const drafts = store.drafts.value;
  const texts = new Map(store.clips.value.map(({ id, text }) => [id, drafts[id]?.trim() ?? text]));
  const clips = store.run.value?.clips ?? [];
  const there = clips.filter(({ id }) => texts.has(id));
  return {
    ids: new Set(clips.map(({ id }) => id)),
    removed: clips.length - there.length,
    corrected: there.filter(({ id, text }) => texts.get(id) !== text).length,
  };
});

/** Whether there is a model of the voice to speak with. */
export const hasModel = computed(
  () => !store.isTraining.value && (store.run.value?.modelStep ?? 0) > 0,
);
