import { join, resolve } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import type { Weights } from "@hawksbill/core";
import { encodeAdapter } from "@hawksbill/trainer";
import {
  exportStateDict,
  inferConfig,
  type Layout,
  type UnifiedVoiceConfig,
} from "@hawksbill/unified-voice";
import { CliError } from "../cli-error.js";
import { type Context, withReporter } from "../context.js";
import { count, shellWord } from "../format.js";
import { jsonOption } from "../options.js";
import { placeOf } from "../place.js";
import type { Reporter } from "../reporter.js";
import { requireWritable } from "../require-writable.js";
import { runFiles } from "../run/run-files.js";
import { inDtype, writtenDTypes } from "../weights/in-dtype.js";
import { type OpenedAdapter, type OpenedModel, openWeights } from "../weights/open-weights.js";
import { formatOf, requireOther, weightFormats, writeWeights } from "../weights/write-weights.js";

const layouts = ["tortoise", "unified_voice2", "unified_voice3", "unified_voice4"] as const;

export function exportCommand(context: Context): Command {
  return new Command("export")
    .summary("write a model as one file, for other programs")
    .description(
      "Writes what a run has learnt as one file: its UnifiedVoice as .safetensors, or as .pth with the very tensors that tortoise-tts (if it has the released sizes: the small model inside has not) and DL-Art-School load strictly; its dVAE; its adapter; its diffusion decoder. Of base, data, settings and step the file says what the run's files say.",
    )
    .argument("<model>", "a run, a folder of a model, a .pth or .safetensors file, a checkpoint")
    .requiredOption("--out <file>", "file to write: .safetensors or .pth")
    .addOption(
      new Option("--format <name>", "default: as the file's name ends").choices(weightFormats),
    )
    .addOption(
      new Option(
        "--layout <name>",
        "whose model shall load it: tortoise-tts's, or a definition of DL-Art-School's (default: as it is, mostly tortoise)",
      ).choices(layouts),
    )
    .option("--mask-buffers", "add the buffers that transformers up to 4.29.2 wants")
    .addOption(new Option("--dtype <name>", "float16 takes half the room").choices(writtenDTypes))
    .addOption(
      new Option("--part <name>", 'which model of a folder (default: "unified-voice")').choices([
        "unified-voice",
        "dvae",
        "adapter",
        "diffusion",
      ] as const),
    )
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill export my-run --out autoregressive.pth
  $ hawksbill export my-run --out my-voice.safetensors --dtype float16
  $ hawksbill export my-run/checkpoints/step-40.safetensors --out step-40.pth
  $ hawksbill export my-decoder --part diffusion --out decoder.safetensors
  $ hawksbill export my-run --part adapter --out my-adapter.safetensors`,
    )
    .action((name, options) =>
      withReporter(context, options, async ({ reporter }) => {
        const { out, part = "unified-voice", dtype = "float32", layout } = options;
        const format = options.format ?? formatOf(out);
        if (format === undefined)
          throw new CliError(
            `--out is ${out}; give a name that ends in .safetensors or .pth, or --format`,
          );
        requireOther(placeOf(out), [resolve(name)]);
        await requireWritable(out);
        const opened = await openPart(name, part);
        try {
          if (opened.type === "adapter" && format !== "safetensors")
            throw new CliError(
              `${name}: is an adapter; give --out a name that ends in .safetensors`,
            );
          if (opened.type === "adapter" && (layout !== undefined || options.maskBuffers))
            throw hasOneLayout(name, "an adapter");
          const { stateDict, metadata } =
            opened.type === "adapter"
              ? adapterFile(opened)
              : modelFile(opened, layout, options.maskBuffers ?? false);
          const weights = inDtype(stateDict, dtype);
          await writeWeights(out, weights, { format, metadata });
          if (format === "pth" && opened.type === "model" && opened.kind === "unified-voice")
            warnOfSizes(inferConfig(opened.weights), out, reporter);
          const tensors = Object.keys(weights).length;
          reporter.event({ type: "exported", file: out, format, tensors });
          reporter.note(`${shellWord(out)}: ${count(tensors, "tensor")}`);
        } finally {
          await opened.close();
        }
      }),
    ) as unknown as Command;
}

/** What tortoise-tts builds its model of, whatever a file holds. */
const releasedSizes = {
  layers: 30,
  modelDim: 1024,
  maxTextTokens: 402,
  maxMelTokens: 604,
  textTokens: 256,
  melCodes: 8194,
} as const;

function warnOfSizes(config: UnifiedVoiceConfig, out: string, reporter: Reporter): void {
  const sizes = Object.keys(releasedSizes) as (keyof typeof releasedSizes)[];
  const others = sizes.filter((size) => config[size] !== releasedSizes[size]);
  if (others.length === 0) return;
  const told = others.map((size) => `${size} ${config[size]} (${releasedSizes[size]})`).join(", ");
  reporter.warn(
    `tortoise-tts cannot load ${out}, for it loads only models of the released sizes: ${told}; DL-Art-School can, with these sizes in its configuration`,
  );
}

function openPart(
  name: string,
  part: "unified-voice" | "dvae" | "adapter" | "diffusion",
): Promise<OpenedModel | OpenedAdapter> {
  if (part === "diffusion")
    return openWeights(formatOf(name) ? name : join(name, runFiles.diffusion));
  if (part === "adapter") return openWeights(formatOf(name) ? name : join(name, runFiles.adapter));
  return openWeights(name, part === "dvae" ? "dvae" : "unifiedVoice");
}

/** What a file holds. */
interface File {
  readonly stateDict: Weights;
  readonly metadata: Readonly<Record<string, string>>;
}

function adapterFile({ adapter, metadata }: OpenedAdapter): File {
  const encoded = encodeAdapter(adapter);
  return { stateDict: encoded.tensors, metadata: { ...metadata, ...encoded.metadata } };
}

function modelFile(model: OpenedModel, wanted: Layout | undefined, maskBuffers: boolean): File {
  const { kind, title, name, weights, metadata } = model;
  const layout = wanted ?? model.layout;
  const { "hawksbill.training": _, ...origin } = metadata; // Only weights go into the file.
  if (kind === "unified-voice") {
    const extras = sameTensors(layout, model.layout) ? model.extras : {};
    return {
      stateDict: exportStateDict(weights, { layout, extras, maskBuffers }),
      metadata: origin,
    };
  }
  if (wanted !== undefined || maskBuffers) throw hasOneLayout(name, `a ${title}`);
  return { stateDict: weights, metadata: origin };
}

function hasOneLayout(name: string, what: string): CliError {
  return new CliError(
    `${name}: is ${what}, which has one layout; leave --layout and --mask-buffers out`,
  );
}

/** tortoise-tts's model and unified_voice2 differ in nothing that is saved. */
function sameTensors(a: Layout, b: Layout): boolean {
  const first = (layout: Layout): Layout => (layout === "unified_voice2" ? "tortoise" : layout);
  return first(a) === first(b);
}
