import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import type { DeviceName } from "@hawksbill/core";
import type {
  BasePrecision,
  FinetuneOptions,
  OptimizerName,
  ScheduleName,
} from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import { fileProblem } from "../file-problem.js";
import { runFiles } from "./run-files.js";

/** Models that can be fine-tuned. */
export const trainedParts = ["unified-voice", "diffusion"] as const;

export type TrainedPart = (typeof trainedParts)[number];

/** What a run is to do. */
export interface RunSettings {
  /** Folder of the dataset, a list in it, or `embedded`. */
  readonly dataset: string;
  /** Further ones to learn from. */
  readonly moreDatasets?: readonly string[];
  /** How often the clips of each dataset come; default 1 for each. */
  readonly datasetWeights?: readonly number[];
  /** These and more: see `FinetuneOptions`. */
  readonly balance?: number;
  /** Lists in the dataset's folder; default those that are found. */
  readonly lists?: readonly string[];
  /** Those of `lists` whose clips are held out; then `heldOut` does not count. */
  readonly heldOutLists?: readonly string[];
  /** Limits of a clip, within those of the model; others are left out. */
  readonly minimumSeconds?: number;
  readonly maximumSeconds?: number;
  readonly maximumTextTokens?: number;
  /** Folder of the model to begin with, the file of its UnifiedVoice, or `embedded`. */
  readonly base: string;
  /** Files of the base that are elsewhere. */
  readonly dvae?: string;
  readonly tokenizer?: string;
  /** What of the model is trained; default its UnifiedVoice. */
  readonly part?: TrainedPart;
  /** Of the part "diffusion": its file, where it does not lie beside the base. */
  readonly diffusion?: string;
  /** Of the part "diffusion": share of the clips whose speech is hidden; see `DiffusionFinetuneOptions`. */
  readonly unconditioned?: number;
  /** Folder where codes are kept from run to run; default the user's cache. */
  readonly cache?: string;
  readonly steps: number;
  readonly batchSize: number;
  /** Batches a step; default 1. */
  readonly accumulate?: number;
  /** Default the model's own. */
  readonly learningRate?: number;
  /** These and more: see `FinetuneOptions`. */
  readonly schedule?: ScheduleName;
  readonly warmupSteps?: number;
  readonly milestones?: readonly number[];
  readonly gamma?: number;
  readonly restartEvery?: number;
  readonly optimizer?: OptimizerName;
  readonly weightDecay?: number;
  readonly betas?: readonly [number, number];
  readonly clip?: number;
  readonly clipBy?: "group" | "all" | "weight" | "value";
  readonly update?: FinetuneOptions["update"];
  readonly textWeight?: number;
  /** Of both losses, or of the text loss and the mel loss. */
  readonly labelSmoothing?: readonly number[];
  readonly conditioningClips?: number;
  readonly conditioningDropout?: number;
  readonly averageDecay?: number;
  readonly basePrecision?: BasePrecision;
  readonly programs?: FinetuneOptions["programs"];
  /** Rank of an adapter to train; default none: all weights are trained. */
  readonly lora?: number;
  readonly loraAlpha?: number;
  readonly loraLayers?: readonly string[];
  /** Default the part that the dataset itself holds out, or else 0.15. */
  readonly heldOut?: NonNullable<FinetuneOptions["heldOut"]>;
  readonly seed: number;
  readonly recipe: NonNullable<FinetuneOptions["recipe"]>;
  /** By its name, once the run has begun: "auto" might choose another one the next time. */
  readonly device: "auto" | DeviceName;
  /** What larger matrix products are computed in; default "fp32". */
  readonly products?: "fp32" | "fp16";
  /** Steps that fit the dVAE's decoder to the voice; default 600 for a dVAE smaller than the released one, else 0. */
  readonly decoderSteps?: number;
  /** Steps from one measurement of the held-out clips to the next; default a fifth of all. */
  readonly evaluateEvery?: number;
  /** Whether the model becomes that of the best measurement. */
  readonly best?: true;
  /** Measurements in a row without a new best that end training; it stands for `best`, too. */
  readonly patience?: number;
  /** Steps from one checkpoint to the next; default a fifth of all. */
  readonly checkpointEvery?: number;
  /** Newest checkpoints that are kept; default 1. */
  readonly keepLast?: number;
  /** Checkpoints with the lowest held-out loss that are kept; default 0. */
  readonly keepBest?: number;
  /** Steps from one spoken sample to the next; default none is spoken. */
  readonly sampleEvery?: number;
}

/** What a new run is asked to do; the rest is planned. */
export type RunRequest = Omit<RunSettings, "steps" | "batchSize"> &
  Partial<Pick<RunSettings, "steps" | "batchSize">>;

/** What a run was started with, so that a resumed one can be the same. */
export interface RunConfig {
  readonly format: 1;
  readonly command: "finetune" | "demo";
  readonly settings: RunSettings;
  /** Fingerprints of the base's files, by name. */
  readonly baseFiles: Readonly<Record<string, string>>;
  /** Fingerprints of the clips, by id, in order. */
  readonly clips: readonly (readonly [id: string, print: string])[];
  /**
   * The step that was reached when changes of settings or data were accepted: until there is a checkpoint behind it, that
   * of this step counts its batches as they were before.
   */
  readonly changedAt?: number;
}

/** The config of a run before its data is read: what it is asked to do, so that a run killed this early goes on. */
export function beginning(command: RunConfig["command"], request: RunRequest): RunConfig {
  return { format: 1, command, settings: request as RunSettings, baseFiles: {}, clips: [] };
}

/** Whether the run's data was read; else its settings may lack what is still to be planned. */
export function hasBegun({ clips }: RunConfig): boolean {
  return clips.length > 0;
}

export async function writeRunConfig(folder: string, config: RunConfig): Promise<void> {
  const json = `${JSON.stringify(config, undefined, 2)}\n`;
  await writeFileAtomic(join(folder, runFiles.config), new TextEncoder().encode(json));
}

/** @throws {CliError} The folder has no config, or a damaged one. */
export async function readRunConfig(folder: string): Promise<RunConfig> {
  const path = join(folder, runFiles.config);
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new CliError(
      `${folder}: there is no run to go on with (${fileProblem(cause)}); give the folder that finetune wrote to`,
      { cause },
    );
  });
  try {
    const config = Object(JSON.parse(text)) as Partial<RunConfig>;
    const { settings, baseFiles, clips } = config;
    if (config.format === 1 && settings && baseFiles && Array.isArray(clips))
      return config as RunConfig;
  } catch {
    // Said below.
  }
  throw new CliError(
    `${path}: is damaged, or of a newer version of Hawksbill; start a new run in another folder`,
  );
}

/** Settings that may change in a resumed run: the others decide what the weights become. */
export const changeable: ReadonlySet<string> = new Set([
  "dataset",
  "moreDatasets",
  "base",
  "dvae",
  "tokenizer",
  "diffusion",
  "cache",
  "device",
  "products",
  "checkpointEvery",
  "keepLast",
  "keepBest",
  "sampleEvery",
]);

/** Settings that decide which tensors a checkpoint has: it cannot be gone on from with others. */
const ofState: ReadonlySet<string> = new Set(["part", "optimizer", "lora", "loraLayers"]);

/** A setting of a resumed run that is another now. */
export interface ChangedSetting {
  readonly option: string;
  /** In words. */
  readonly before: string;
  readonly now: string;
  /** Whether a run can go on with it, if its changes are accepted. */
  readonly canChange: boolean;
}

/** The option that gives a setting. */
export function optionOf(name: keyof RunSettings): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What of a run's settings the options of now change, of those that decide what the weights become. */
export function changedSettings(
  { settings }: RunConfig,
  given: Partial<RunSettings>,
): ChangedSetting[] {
  const names = Object.keys(given) as (keyof RunSettings)[];
  return names.flatMap((name) => {
    const earlier = settings[name];
    if (changeable.has(name) || `${given[name]}` === `${earlier}`) return [];
    const isNewAverage = name === "averageDecay" && earlier === undefined;
    return [
      {
        option: optionOf(name),
        before: earlier === undefined ? "without it" : `with ${earlier}`,
        now: `${given[name]}`,
        canChange: !ofState.has(name) && !isNewAverage,
      },
    ];
  });
}

/** @throws {CliError} Settings are others now: all of them are named. */
export function requireSameSettings(folder: string, changes: readonly ChangedSetting[]): void {
  if (changes.length === 0) return;
  const isOne = changes.length === 1;
  const which = isOne ? "it" : "them";
  throw new CliError(
    `${told(folder, changes)}; leave ${which} out to go on, start a new run with another --out, or change ${which} all the same with --accept-changes`,
  );
}

/** @throws {CliError} Settings are others now that --accept-changes cannot change either. */
export function requireChangeable(folder: string, changes: readonly ChangedSetting[]): void {
  const fixed = changes.filter(({ canChange }) => !canChange);
  if (fixed.length === 0) return;
  const which = fixed.length === 1 ? "it" : "them";
  throw new CliError(
    `${told(folder, fixed)}; its checkpoint has no other tensors to go on from: leave ${which} out, or start a new run with another --out`,
  );
}

function told(folder: string, changes: readonly ChangedSetting[]): string {
  const now = changes.map(({ option, now }) => `${option} is ${now}`).join(", ");
  const before = changes.map(({ before }) => before).join(", ");
  return `${now}, but the run in ${folder} was started ${before}`;
}
