import { Command } from "@commander-js/extra-typings";
import { AR_MEL, AudioError, arMel, type Mel } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { Dvae } from "@hawksbill/dvae";
import { disposeModel } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { CliError } from "../cli-error.js";
import { type CodedFile, type CodesFile, codesFormat } from "../codes-file.js";
import { type Context, withTools } from "../context.js";
import { count, shellWord } from "../format.js";
import { deviceOption, jsonOption, threadsOption } from "../options.js";
import { modelPath, placeOf } from "../place.js";
import { requireWritable } from "../require-writable.js";
import { readSamples } from "../voice.js";

export function encodeCommand(context: Context): Command {
  return new Command("encode")
    .summary("turn recordings into the codes that a model speaks in")
    .description(
      "Turns recordings into codes of a model's dVAE, one for some 46 ms. Those of which there are none are listed at the end; then the exit code is 1.",
    )
    .argument("<file...>", "recordings: WAV, FLAC, MP3, Ogg")
    .requiredOption("--out <codes.json>", "file to write")
    .option("--model <dir>", "model or run whose dVAE to use (default: the small model inside)")
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill encode hello.wav --out codes.json
  $ hawksbill encode my-voice/wavs/*.wav --model my-run --out codes.json
  $ hawksbill decode codes.json --model my-run --out what-is-left`,
    )
    .action(async (files, options) => {
      await withTools(context, options, async ({ reporter, signal, device }) => {
        await requireWritable(options.out);
        const model = await openModel(await modelPath(placeOf(options.model)));
        const dvae = Dvae.create(model.dvae, device);
        try {
          const clips: CodedFile[] = [];
          const failed: string[] = [];
          for (const [i, file] of files.entries()) {
            signal.throwIfAborted();
            reporter.progress(`encoding ${i + 1}/${files.length}: ${file}`);
            try {
              clips.push(await codedFile(file, dvae));
            } catch (error) {
              if (!(error instanceof CliError)) throw error;
              failed.push(error.message);
            }
          }
          if (clips.length > 0) {
            const codebook = model.dvaeConfig.tokens;
            const content: CodesFile = { format: codesFormat, codebook, clips };
            await writeFileAtomic(
              options.out,
              new TextEncoder().encode(`${JSON.stringify(content)}\n`),
            );
            const total = clips.reduce((sum, { codes }) => sum + codes.length, 0);
            const { length } = clips;
            reporter.event({ type: "encoded", file: options.out, clips: length, codes: total });
            reporter.note(
              `${shellWord(options.out)}: ${count(total, "code")} of ${count(length, "clip")}`,
            );
          }
          requireAll(failed, files.length);
        } finally {
          await dvae.dispose();
          disposeModel(model);
        }
      });
    }) as unknown as Command;
}

/** @throws {CliError} It cannot be read, or has too little sound. */
async function codedFile(file: string, dvae: Dvae): Promise<CodedFile> {
  const samples = await readSamples(file);
  const mel = melOf(file, samples);
  const codes = Array.from(await dvae.encode(mel));
  return { file, seconds: samples.length / AR_MEL.sampleRateHz, codes };
}

function melOf(file: string, samples: Float32Array): Mel {
  try {
    return arMel(samples);
  } catch (cause) {
    if (!(cause instanceof AudioError)) throw cause;
    throw new CliError(`${file}: ${cause.message}`, { cause });
  }
}

/** @throws {CliError} Some recordings have no codes. */
function requireAll(failed: readonly string[], all: number): void {
  const [first] = failed;
  if (first === undefined) return;
  if (all === 1) throw new CliError(first);
  const lines = failed.map((problem) => `\n  ${problem}`).join("");
  throw new CliError(`${failed.length} of ${all} recordings have no codes:${lines}`);
}
