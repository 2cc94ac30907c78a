import { mkdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { encodeWav } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { Dvae } from "@hawksbill/dvae";
import { disposeModel } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { griffinLim } from "@hawksbill/vocoder";
import { CliError } from "../cli-error.js";
import { type CodedFile, readCodesFile } from "../codes-file.js";
import { type Context, withTools } from "../context.js";
import { shellWord } from "../format.js";
import { deviceOption, jsonOption, threadsOption } from "../options.js";
import { modelPath, placeOf } from "../place.js";
import { requireWritable } from "../require-writable.js";

export function decodeCommand(context: Context): Command {
  return new Command("decode")
    .summary("turn codes into sound")
    .description("Turns the codes that `hawksbill encode` wrote into sound (WAV, 22,050 Hz).")
    .argument("<codes.json>", "file of codes")
    .requiredOption("--out <path>", "WAV file to write; for several clips a folder")
    .option("--model <dir>", "model or run whose dVAE to use (default: the small model inside)")
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill decode codes.json --out hello-again.wav
  $ hawksbill decode codes.json --model my-run --out what-is-left`,
    )
    .action(async (path, options) => {
      await withTools(context, options, async ({ reporter, signal, device }) => {
        const { codebook, clips } = await readCodesFile(path);
        const outputs = await outputPaths(path, clips, options.out);
        for (const output of outputs) await requireWritable(output);
        const model = await openModel(await modelPath(placeOf(options.model)));
        const dvae = Dvae.create(model.dvae, device);
        try {
          if (codebook !== model.dvaeConfig.tokens)
            throw new CliError(
              `${path}: the codes are of a codebook of ${codebook}, the model's has ${model.dvaeConfig.tokens}; give the --model that they were made with`,
            );
          for (const [i, { codes }] of clips.entries()) {
            signal.throwIfAborted();
            const output = outputs[i] as string;
            reporter.progress(`decoding ${i + 1}/${clips.length}`);
            const audio = griffinLim(await dvae.decode(Int32Array.from(codes)));
            await writeFileAtomic(output, encodeWav(audio));
            const seconds = audio.samples.length / audio.sampleRateHz;
            reporter.event({ type: "decoded", file: output, seconds });
            reporter.note(`${shellWord(output)}: ${seconds.toFixed(1)} s`);
          }
        } finally {
          await dvae.dispose();
          disposeModel(model);
        }
      });
    }) as unknown as Command;
}

/** Where each clip goes: the file named, or files of the recordings' names in the folder named. */
async function outputPaths(
  path: string,
  clips: readonly CodedFile[],
  out: string,
): Promise<string[]> {
  const isFile = extname(out).toLowerCase() === ".wav";
  if (isFile && clips.length === 1) return [out];
  if (isFile)
    throw new CliError(`${path}: has ${clips.length} clips; give a folder as --out, not ${out}`);
  await mkdir(out, { recursive: true });
  const used = new Set<string>();
  return clips.map(({ file }, i) => {
    const name = basename(file.replaceAll("\\", "/")).replace(/\.[^.]*$/, "");
    let free = name;
    // "A" and "a" are one name on some disks.
    for (let n = i + 1; used.has(free.toLowerCase()); n++) free = `${name}-${n}`;
    used.add(free.toLowerCase());
    return join(out, `${free}.wav`);
  });
}
