import { Command } from "@commander-js/extra-typings";
import { AR_MEL, arMel } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { Dvae } from "@hawksbill/dvae";
import { disposeModel } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
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
    .description("Turns recordings into codes of a model's dVAE, one for some 46 ms.")
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
          for (const file of files) {
            signal.throwIfAborted();
            reporter.progress(`encoding ${clips.length + 1}/${files.length}: ${file}`);
            const samples = await readSamples(file);
            const codes = Array.from(await dvae.encode(arMel(samples)));
            clips.push({ file, seconds: samples.length / AR_MEL.sampleRateHz, codes });
          }
          const codebook = model.dvaeConfig.tokens;
          const content: CodesFile = { format: codesFormat, codebook, clips };
          await writeFileAtomic(
            options.out,
            new TextEncoder().encode(`${JSON.stringify(content)}\n`),
          );
          const total = clips.reduce((sum, { codes }) => sum + codes.length, 0);
          reporter.event({ type: "encoded", file: options.out, clips: clips.length, codes: total });
          reporter.note(
            `${shellWord(options.out)}: ${count(total, "code")} of ${count(clips.length, "clip")}`,
          );
        } finally {
          await dvae.dispose();
          disposeModel(model);
        }
      });
    }) as unknown as Command;
}
