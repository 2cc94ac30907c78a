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
  /** Whether files are being read. */
  isAdding: signal(false),
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

/** The clips that would be learnt from: ticked, and nothing fatal is wrong with them. */
export const usableClips = computed<readonly RunClip[]>(() =>
  store.clips.value
    .filter(({ id, isUsed }) => {
      const facts = store.examined.value?.clips[id];
      return isUsed && facts !== undefined && !facts.findings.some(({ isFatal }) => isFatal);
    })
    .map(({ id, file, text }) => ({ id, file, text })),
);

/** Whether there is a model of the voice to speak with. */
export const hasModel = computed(
  () => !store.isTraining.value && (store.run.value?.modelStep ?? 0) > 0,
);
