import { TortoiseError } from "../tortoise-error.js";
import { dataRules } from "./data-rules.js";
import { diffusionNotes } from "./diffusion-rules.js";
import type { DlasNote, DlasSettings, Rule } from "./dlas-settings.js";
import { nearest } from "./nearest.js";
import { networkRules } from "./network-rules.js";
import { parseYaml } from "./parse-yaml.js";
import { pretrainedFiles } from "./pretrained-files.js";
import { trainingRules } from "./training-rules.js";

/** A configuration of DL-Art-School's, understood. */
export interface DlasConfig {
  /** Which model it trains. */
  readonly trains: "unifiedVoice" | "diffusion";
  readonly settings: DlasSettings;
  /** A note for each key, in the order of the file. */
  readonly notes: readonly DlasNote[];
}

/** By keys with dots, where `*` stands for a name that is free, or the rest of one. Earlier ones win. */
const rules: ReadonlyMap<string, Rule> = new Map([
  ...Object.entries(trainingRules),
  ...Object.entries(dataRules),
  ...Object.entries(networkRules),
]);

/**
 * Reads a configuration of DL-Art-School's, e.g. EXAMPLE_gpt.yml: what of it is kept, and what is done
 * in place of the rest.
 *
 * @param text YAML.
 * @param file What error messages call it.
 * @throws {TortoiseError} It is no YAML, has a key that DL-Art-School has not, or a value that a key does not take.
 */
export function readDlasConfig(text: string, file: string): DlasConfig {
  const config = parseYaml(text, file);
  const notes: DlasNote[] = [];
  let settings: DlasSettings = {};
  for (const { key, value, rule } of leaves(config, [], file)) {
    try {
      const { settings: more, ...meaning } = rule(value);
      notes.push({ key, value, ...meaning });
      settings = { ...settings, ...more };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TortoiseError(`${file}: ${key} is ${JSON.stringify(value)}; ${error.message}`, {
        cause: error,
      });
    }
  }
  const is8bit = config.use_8bit === true && (settings.optimizer ?? "adamw") === "adamw";
  const isDiffusion = trainsDiffusion(config);
  const { files, notes: more } = pretrainedFiles(config);
  const { averageDecay, ...others } = settings;
  const isAveraged = Object(config.train).ema_enabled === true;
  return {
    trains: isDiffusion ? "diffusion" : "unifiedVoice",
    settings: {
      ...others,
      ...files,
      ...(isAveraged ? { averageDecay: averageDecay ?? defaultAverageDecay } : {}),
      ...(is8bit ? { optimizer: "adamw8bit" } : {}),
    },
    notes: [...(isDiffusion ? diffusionNotes(notes) : notes), ...more],
  };
}

/** What DL-Art-School takes where no rate is given. */
const defaultAverageDecay = 0.999;

interface Leaf {
  readonly key: string;
  readonly value: unknown;
  readonly rule: Rule;
}

/** Each part of a configuration that a rule is about. */
function* leaves(
  node: Record<string, unknown>,
  path: readonly string[],
  file: string,
): Generator<Leaf> {
  for (const [name, value] of Object.entries(node)) {
    const here = [...path, name];
    const key = here.join(".");
    const pattern = patterns.find((pattern) => matches(pattern, here));
    if (pattern) {
      yield { key, value, rule: rules.get(pattern.join(".")) as Rule };
      continue;
    }
    const isBranch = patterns.some((pattern) => matches(pattern.slice(0, here.length), here));
    if (!isBranch) throw unknownKey(file, here);
    if (value === null || value === undefined) continue; // A branch that is commented out.
    if (typeof value !== "object" || Array.isArray(value))
      throw new TortoiseError(`${file}: ${key} is ${JSON.stringify(value)}; give keys and values`);
    yield* leaves(value as Record<string, unknown>, here, file);
  }
}

const patterns = [...rules.keys()].map((key) => key.split("."));

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  return (
    pattern.length === path.length &&
    pattern.every((part, i) =>
      part.endsWith("*") ? path[i]?.startsWith(part.slice(0, -1)) : part === path[i],
    )
  );
}

function unknownKey(file: string, path: readonly string[]): TortoiseError {
  const parent = path.slice(0, -1);
  const siblings = patterns.filter(
    (pattern) => pattern.length >= path.length && matches(pattern.slice(0, parent.length), parent),
  );
  const known = siblings
    .map((pattern) => pattern[parent.length] ?? "")
    .filter((name) => name !== "*");
  const meant = nearest(path.at(-1) ?? "", known);
  const advice =
    meant === undefined ? "take it out" : `did you mean "${[...parent, meant].join(".")}"?`;
  return new TortoiseError(`${file}: "${path.join(".")}" is no key of DL-Art-School; ${advice}`);
}

function trainsDiffusion({ networks }: Record<string, unknown>): boolean {
  const models = Object.values(Object(networks)).map((network) => Object(network).which_model_G);
  return models.length > 0 && models.every((model) => /diff/i.test(String(model)));
}
