import { freemem } from "node:os";
import { type PresetName, presets, type Speaker, type SpeechRequest } from "@hawksbill/tortoise";
import { type Command, Option } from "commander";
import type { ToolOptions } from "../context.js";
import { given } from "../given.js";
import {
  deviceOption,
  jsonOption,
  notNegative,
  positive,
  productsOption,
  share,
  someShare,
  threadsOption,
  whole,
} from "../options.js";

/** How to speak, as it is given. */
export interface SpeechFlags {
  readonly model?: string;
  readonly tokenizer?: string;
  readonly autoregressive?: string;
  readonly weights?: "fp32" | "int8" | "int4";
  readonly diffusion?: string;
  readonly voice?: readonly string[];
  readonly seed?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly repetitionPenalty?: number;
  readonly typicalMass?: number;
  readonly greedy?: true;
  readonly maxCodes?: number;
  readonly skipUnknown?: true;
  readonly preset?: PresetName;
  readonly candidates?: number;
  readonly decoder?: "diffusion" | "hifigan";
  readonly sampler?: "ancestral" | "ddim" | "dpm++2m";
  readonly steps?: number;
  readonly guidance?: number;
  readonly diffusionTemperature?: number;
  readonly cvvp?: number;
  readonly averaging?: "beginnings" | "chunks" | "files";
  readonly resampling?: "tortoise" | "direct";
  readonly batchSize?: number;
  readonly memory?: number;
  readonly device?: ToolOptions["device"];
  readonly threads?: number;
  readonly products?: "fp32" | "fp16";
  readonly json?: true;
}

/** What changes nothing where no code is drawn. */
const drawing = [
  ...["temperature", "topK", "topP", "repetitionPenalty", "typicalMass"],
  ...["regenerate", "retries"], // Of `read`: with other seeds, which say the same.
];

const sampling = "How codes are drawn (default: what suits the model):";
const files = "With TorToiSe's own files:";

const flag = (flags: string, text: string, read?: (value: string) => unknown): Option => {
  const option = new Option(flags, text);
  return read ? option.argParser(read) : option;
};

const choice = (flags: string, text: string, choices: readonly string[]): Option =>
  flag(flags, text).choices(choices);

const options: readonly Option[] = [
  flag(
    "--model <dir>",
    'a model or run, TorToiSe\'s files, or "tortoise" for those that were downloaded (default: the small model inside)',
  ),
  flag(
    "--voice <paths...>",
    'clips, folders of them (of each the first 32 by name), datasets, files of latents, or "random" (default: the voice of the run; models without a run speak in the one inside)',
  ),
  flag("--seed <n>", "the same seed gives the same speech (default: 0)", whole(0)),
  flag("--max-codes <n>", "codes to stop after if the model does not end the text", whole(1)),
  flag("--skip-unknown", "let the model pass over characters that it does not know"),
  choice(
    "--weights <precision>",
    "of UnifiedVoice, CLVP and the diffusion: int8 is about twice as fast on a CPU, and a little less exact; int4 takes half of int8's memory for UnifiedVoice, and is much less exact (default: fp32)",
    ["fp32", "int8", "int4"],
  ),
  ...[
    flag("--temperature <x>", "below 1 more even, above 1 livelier speech", positive),
    flag("--top-k <n>", "draw from so many of the likeliest codes, 0 for all", whole(0)),
    flag("--top-p <x>", "draw from the likeliest codes up to this share, 1 for all", someShare),
    flag("--repetition-penalty <x>", "above 1 repeats fewer codes", positive),
    flag(
      "--typical-mass <x>",
      "draw from the codes that surprise as expected, up to this share",
      someShare,
    ),
    flag("--greedy", "always take the likeliest code").conflicts(drawing),
  ].map((option) => option.helpGroup(sampling)),
  ...[
    choice("--preset <name>", 'how much work is done (default: "fast")', Object.keys(presets)),
    flag("--candidates <n>", "times the text is spoken, to choose the best", whole(1)),
    choice("--decoder <name>", 'the better "diffusion" (default) or the faster "hifigan"', [
      "diffusion",
      "hifigan",
    ]),
    choice("--sampler <name>", "of the diffusion", ["ancestral", "ddim", "dpm++2m"]),
    flag("--steps <n>", "of the diffusion", whole(1)),
    flag("--guidance <x>", "of the diffusion, 0 for none", notNegative),
    flag("--diffusion-temperature <x>", "of the noise it begins with (default: 1)", positive),
    flag("--cvvp <share>", "of CVVP beside CLVP in the choice (default: 0)", share),
    choice("--averaging <how>", "which parts of clips the diffusion hears", [
      "beginnings",
      "chunks",
      "files",
    ]),
    choice("--resampling <how>", "how clips get to its rate", ["tortoise", "direct"]),
    flag(
      "--batch-size <n>",
      "candidates spoken at once (default: 16, as far as memory has room)",
      whole(1),
    ),
    flag("--memory <MB>", "that candidates may take (default: half of what is free)", whole(1)),
    flag("--tokenizer <file>", "the vocabulary (default: tokenizer.json beside the files)"),
    flag(
      "--autoregressive <path>",
      "a fine-tuned UnifiedVoice in the released one's place: a run or a file",
    ),
    flag(
      "--diffusion <path>",
      "a fine-tuned diffusion decoder in the released one's place: a run or a file",
    ),
  ].map((option) => option.helpGroup(files)),
  deviceOption as unknown as Option,
  threadsOption as unknown as Option,
  productsOption as unknown as Option,
  jsonOption as unknown as Option,
];

/** Gives a command the options of `SpeechFlags`. */
export function addSpeechOptions(command: Command): Command {
  for (const option of options) command.addOption(option);
  return command;
}

/** One of these options by its name, for a command that takes only some. */
export function speechOption(name: keyof SpeechFlags): Option {
  return options.find((option) => option.attributeName() === name) as Option;
}

function some<K extends string, T extends object>(name: K, all: T): { readonly [N in K]?: T } {
  return (Object.keys(all).length > 0 ? { [name]: all } : {}) as { readonly [N in K]?: T };
}

/** What is asked of the speaker, whatever the text. */
export function requestOf(
  flags: SpeechFlags,
  { kind }: Pick<Speaker, "kind">,
): Omit<SpeechRequest, "text" | "voice"> {
  const { temperature, topK, topP, repetitionPenalty, typicalMass, steps } = flags;
  const drawn = given({
    temperature,
    topK,
    topP,
    repetitionPenalty,
    typicalMass,
  });
  const diffusion = given({
    sampler: flags.sampler,
    steps,
    guidance: flags.guidance,
    temperature: flags.diffusionTemperature,
  });
  const { averaging, resampling } = flags;
  // Half: weights take their part of the rest. What a Mac calls free is a small part of what there is.
  const roomMB = Math.max(1, Math.floor((process.availableMemory?.() ?? freemem()) / 2 ** 21));
  return given({
    seed: flags.seed ?? 0,
    maxCodes: flags.maxCodes,
    unknown: flags.skipUnknown && "replace",
    ...(flags.greedy ? { sampling: "greedy" } : some("sampling", drawn)),
    preset: flags.preset,
    candidates: flags.candidates,
    decoder: flags.decoder,
    ...some("diffusion", diffusion),
    cvvpAmount: flags.cvvp,
    ...some("conditioning", given({ averaging, resampling })),
    batchSize: flags.batchSize,
    memoryMB: flags.memory ?? (kind === "tortoise" ? roomMB : undefined),
  });
}
