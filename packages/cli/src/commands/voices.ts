import { Command, InvalidArgumentError, type OptionValues } from "@commander-js/extra-typings";
import type { Audio } from "@hawksbill/audio";
import {
  blendVoices,
  type ConditioningOptions,
  type Speaker,
  type VoiceLatents,
} from "@hawksbill/tortoise";
import { listVoices, saveVoice } from "@hawksbill/tortoise/node";
import { CliError } from "../cli-error.js";
import {
  type Context,
  type ReportingTools,
  type ToolOptions,
  type Tools,
  withDevice,
  withReporter,
} from "../context.js";
import { count, shellWord } from "../format.js";
import { given } from "../given.js";
import { deviceOption, jsonOption, threadsOption, whole } from "../options.js";
import { requireWritable } from "../require-writable.js";
import { openPath, voiceRandom } from "../voice.js";
import { type ModelFlags, openModelSpeaker } from "./say-model.js";
import { speechOption } from "./say-options.js";

/** What voices are made with. */
interface VoiceFlags extends ToolOptions, ModelFlags {
  readonly out: string;
}

export function voicesCommand(context: Context): Command {
  return new Command("voices")
    .summary("list voices, make them of clips, blend them, draw new ones")
    .description(
      "Voices to speak in with --voice. Clips are heard anew at each speech; as latents in a file (.safetensors, or the .pth that TorToiSe reads) a voice is kept as one model heard it, and may be blended.",
    )
    .addCommand(listCommand(context))
    .addCommand(makeCommand(context))
    .addCommand(blendCommand(context))
    .addCommand(randomCommand(context))
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill voices list my-voices
  $ hawksbill voices make my-voices/me --model tortoise --tokenizer tokenizer.json --out me.safetensors
  $ hawksbill voices blend me.safetensors=2 you.pth=1 --out between.safetensors
  $ hawksbill voices random --model tortoise --tokenizer tokenizer.json --seed 3 --out somebody.safetensors`,
    ) as unknown as Command;
}

function listCommand(context: Context): Command {
  return new Command("list")
    .description("Lists the voices in a folder: folders with clips, and files of latents.")
    .argument("<folder>", "folder of voices")
    .addOption(jsonOption)
    .action((folder, options) =>
      withReporter(context, options, async ({ reporter }) => {
        const voices = await listVoices(folder);
        if (voices.length === 0)
          throw new CliError(
            `${shellWord(folder)}: there are no voices in it; give a folder that has a folder of clips, or a file of latents, for each voice`,
          );
        for (const voice of voices) {
          const { name, holds, clips } = voice;
          const held = holds === "clips" ? count(clips, "clip") : "latents";
          reporter.event({ type: "voice", ...voice });
          reporter.note(`${name}: ${held}`);
        }
      }),
    ) as unknown as Command;
}

function makeCommand(context: Context): Command {
  return withModel(
    new Command("make")
      .description("Makes latents of a voice, as the model hears its clips.")
      .argument("<paths...>", "clips, or folders of them: of each the first 32 by name")
      .option("--seed <n>", "draws which 6 s of long clips TorToiSe hears", whole(0), 0)
      .addOption(speechOption("averaging"))
      .addOption(speechOption("resampling"))
      .addOption(speechOption("autoregressive"))
      .addOption(speechOption("diffusion")),
  ).action(async (paths, options) => {
    await makeVoice(context, options, async (speaker, { reporter }) => {
      const parts = await Promise.all(paths.map((path) => openPath(path, reporter)));
      const clips = parts.flatMap((part) => {
        if ("autoregressive" in part)
          throw new CliError(
            "voices make: latents are made already; give clips, or use voices blend",
          );
        return part;
      });
      const { averaging, resampling } = options as ConditioningOptions;
      return speaker.voice(clips, {
        ...given({ averaging, resampling }),
        random: voiceRandom(options),
      });
    });
  }) as unknown as Command;
}

function blendCommand(context: Context): Command {
  return withModel(
    new Command("blend")
      .description("Makes a voice between voices. Files of latents are blended without a model.")
      .argument(
        "<voices...>",
        "voices (clips, folders of them, files of latents), each with its weight: me.pth=2",
        (text: string, others: readonly WeightedPath[] | undefined) => [
          ...(others ?? []),
          weighted(text),
        ],
      ),
  ).action(async (weightedPaths, options) => {
    await withReporter(context, options, async (tools) => {
      const parts = await Promise.all(
        weightedPaths.map(async ({ path, weight }) => ({
          voice: await openPath(path, tools.reporter),
          weight,
        })),
      );
      if (parts.every(isLatents)) await keepVoice(options.out, blendVoices(parts), tools);
      else
        await makeWith(tools, options, async (speaker) => {
          const heard = parts.map(async ({ voice, weight }) => ({
            voice: await speaker.voice(voice),
            weight,
          }));
          return blendVoices(await Promise.all(heard));
        });
    });
  }) as unknown as Command;
}

function randomCommand(context: Context): Command {
  return withModel(
    new Command("random")
      .description("Makes up a voice, with TorToiSe's own files.")
      .option("--seed <n>", "the same seed gives the same voice", whole(0), 0),
  ).action(async (options) => {
    await makeVoice(context, options, (speaker) =>
      speaker.voice("random", { random: voiceRandom(options) }),
    );
  }) as unknown as Command;
}

function withModel<A extends unknown[], O extends OptionValues>(command: Command<A, O>) {
  return command
    .requiredOption("--out <file>", "file to write: .safetensors, or .pth", latentsFile)
    .option("--model <dir>", "as in `hawksbill say` (default: the small model inside)")
    .option("--tokenizer <file>", "the vocabulary (default: tokenizer.json beside the files)")
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addOption(jsonOption);
}

/** Makes a voice of what a speaker hears. */
type MakeVoice = (speaker: Speaker, tools: Tools) => Promise<VoiceLatents>;

async function makeVoice(context: Context, options: VoiceFlags, make: MakeVoice): Promise<void> {
  await withReporter(context, options, (tools) => makeWith(tools, options, make));
}

async function makeWith(
  reporting: ReportingTools,
  options: VoiceFlags,
  make: MakeVoice,
): Promise<void> {
  await withDevice(reporting, options, async (tools) => {
    await requireWritable(options.out);
    const speaker = await openModelSpeaker(options, tools.device);
    try {
      await keepVoice(options.out, await make(speaker, tools), tools);
    } finally {
      await speaker.dispose();
    }
  });
}

async function keepVoice(
  out: string,
  voice: VoiceLatents,
  { reporter }: ReportingTools,
): Promise<void> {
  await saveVoice(out, voice);
  const { autoregressive, diffusion } = voice;
  reporter.event({
    type: "voice",
    file: out,
    autoregressive: autoregressive.length,
    diffusion: diffusion?.length ?? 0,
  });
  reporter.note(`${shellWord(out)}: a voice to speak in: --voice ${shellWord(out)}`);
}

interface Part<V> {
  readonly voice: V;
  readonly weight: number;
}

function isLatents(part: Part<VoiceLatents | readonly Audio[]>): part is Part<VoiceLatents> {
  return "autoregressive" in part.voice;
}

/** A name by which --voice knows latents again. */
function latentsFile(text: string): string {
  if (/\.(safetensors|pth)$/i.test(text)) return text;
  throw new InvalidArgumentError("Give a name that ends in .safetensors or .pth.");
}

interface WeightedPath {
  readonly path: string;
  readonly weight: number;
}

/** `me.pth=2`; a path alone weighs 1. */
function weighted(text: string): WeightedPath {
  const [, path = text, share = "1"] = /^(.+)=([^=/\\]+)$/.exec(text) ?? [];
  const weight = Number(share);
  if (weight >= 0 && Number.isFinite(weight)) return { path, weight };
  throw new InvalidArgumentError("Give a weight of 0 or more behind =, e.g. me.pth=2.");
}
