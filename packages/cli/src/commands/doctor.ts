import { resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import {
  type Examination,
  examineDataset,
  formatExamination,
  isCleanListName,
  type Problem,
  problemText,
  writeList,
} from "@hawksbill/dataset";
import { openPlace } from "@hawksbill/dataset/node";
import { clipLimits, disposeModel } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { CliError } from "../cli-error.js";
import { type Context, withReporter } from "../context.js";
import { count, shellWord } from "../format.js";
import { jsonOption } from "../options.js";
import { modelPath, placeOf } from "../place.js";
import type { Reporter } from "../reporter.js";
import { requireWritable } from "../require-writable.js";
import { doctorPage } from "./doctor-page.js";

export function doctorCommand(context: Context): Command {
  return new Command("doctor")
    .summary("look for all that can be wrong with a dataset")
    .description(
      "Reads every recording and text of a dataset once and says what would be left out of training and why, what deserves a look, and what to do. Nothing is changed. The exit code is 1 if no clip can be used, or with --strict if anything was found.",
    )
    .argument("<dataset>", "its folder, or a list in its folder")
    .option(
      "--base <dir>",
      "model or run whose vocabulary and limits hold (default: the small one inside)",
    )
    .option("--report <file.html>", "write a page with pictures and players of what was found")
    .option(
      "--clean <clean.jsonl>",
      "write a list of the clips with which nothing is wrong, into the dataset's folder",
    )
    .option("--all", "show every problem, not five of each kind")
    .option("--strict", "fail if anything was found")
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
A dataset is a folder with
  metadata.csv   lines id|text or id|text|normalised text, and wavs/id.wav (LJSpeech)
  train.txt, validation.txt
                 lines path|text (DL-Art-School); what is called validation, dev, eval or test is held out
  *.tsv, *.csv   a table whose first line names its columns (Common Voice, VoxPopuli, Coqui), or text, tab, path
  metadata.jsonl lines {"audio": "a.wav", "text": "…", "speaker": "anna", "start": 0, "end": 2}
  or recordings with a.txt, or subtitles a.srt, a.vtt, a.json, beside each; a subfolder for each speaker

Examples:
  $ hawksbill doctor my-voice
  $ hawksbill doctor my-voice --report my-voice.html
  $ hawksbill doctor my-voice --clean my-voice/clean.jsonl     (then: --dataset my-voice/clean.jsonl)
  $ hawksbill doctor my-voice --json > problems.jsonl`,
    )
    .action(async (place, { json, base, report, clean, all, strict }) => {
      await withReporter(context, { json }, async ({ reporter, signal }) => {
        if (report !== undefined) await requireWritable(report);
        if (clean !== undefined) await requireCleanList(clean, place);
        const examination = await examine(place, base, { reporter, signal });
        tell(examination, reporter, all ? Infinity : 5);
        if (report !== undefined) {
          const page = await doctorPage(examination);
          await writeFileAtomic(report, new TextEncoder().encode(page));
          reporter.note(`\n${shellWord(report)}: the same with pictures`);
        }
        if (clean !== undefined) await writeClean(clean, examination, reporter);
        judge(place, examination, strict ?? false);
      });
    }) as unknown as Command;
}

/** @throws {CliError} The list would take the place of the dataset's own, or cannot be written. */
async function requireCleanList(file: string, place: string): Promise<void> {
  if (!isCleanListName(file))
    throw new CliError(
      `--clean is ${file}; give a name that ends in clean.jsonl: others may be taken for the dataset's own list`,
    );
  if (resolve(file) === resolve(place))
    throw new CliError(`--clean is ${file}, the list that is examined; give another name`);
  await requireWritable(file);
}

async function examine(
  place: string,
  base: string | undefined,
  { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<Examination> {
  const { files, ...list } = await openPlace(place);
  const model = await openModel(await modelPath(placeOf(base)));
  try {
    return await examineDataset(files, {
      ...list,
      tokenizer: model.tokenizer,
      ...clipLimits(model),
      signal,
      onProgress: ({ done, total }) =>
        reporter.progress(`listening ${done}/${total}`, total === 0 ? 1 : done / total),
    });
  } finally {
    disposeModel(model);
  }
}

function tell(examination: Examination, reporter: Reporter, mostOfEach: number): void {
  const { name, clips, leftOut, doubts } = examination;
  reporter.event({
    type: "dataset",
    name,
    clips: clips.length,
    seconds: clips.reduce((sum, clip) => sum + clip.seconds, 0),
    leftOut: leftOut.length,
    doubts: doubts.length,
  });
  for (const { id, path, speaker, text, seconds, tokens, measures } of clips) {
    const { shape: _, ...numbers } = measures;
    reporter.event({
      type: "clip",
      id,
      path,
      speaker,
      text,
      seconds,
      tokens: tokens.length,
      ...numbers,
    });
  }
  for (const problem of leftOut) reporter.event({ type: "leftOut", ...problem });
  for (const problem of doubts) reporter.event({ type: "doubt", ...problem });
  reporter.note(`${name}\n${formatExamination(examination, { mostOfEach })}`);
}

/** Of no clip that is doubtful by itself. */
async function writeClean(
  file: string,
  { clips, doubts }: Examination,
  reporter: Reporter,
): Promise<void> {
  const doubtful = new Set(doubts.map(({ id }: Problem) => id));
  const sound = clips.filter(({ id }) => !doubtful.has(id));
  if (sound.length === 0)
    throw new CliError(`--clean: something is wrong with every clip, so ${file} is not written`);
  await writeFileAtomic(file, new TextEncoder().encode(writeList(sound)));
  reporter.event({ type: "clean", file, clips: sound.length });
  reporter.note(
    `\n${shellWord(file)}: ${count(sound.length, "clip")} with which nothing is wrong; keep it in the dataset's folder, and train with --dataset ${shellWord(file)}`,
  );
}

function judge(place: string, { clips, leftOut, doubts }: Examination, isStrict: boolean): void {
  if (clips.length === 0) {
    const [first] = leftOut;
    throw new CliError(`${place}: no clip can be used${first ? `: ${problemText(first)}` : ""}`);
  }
  const found = leftOut.length + doubts.length;
  if (isStrict && found > 0) throw new CliError(`${place}: ${count(found, "problem")} found`);
}
