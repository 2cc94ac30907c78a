import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Command as TypedCommand } from "@commander-js/extra-typings";
import { DocumentError, readDocument } from "@hawksbill/documents";
import { flawOf, type SpeechFlaw, speakFlawlessly, splitText } from "@hawksbill/tortoise";
import { Command, InvalidArgumentError } from "commander";
import { CliError, Interrupted } from "../cli-error.js";
import { type Context, type Tools, withTools } from "../context.js";
import { count, duration, shellWord } from "../format.js";
import { counts, notNegative, whole } from "../options.js";
import { readVoice, voiceRandom } from "../voice.js";
import { announceStop } from "./announce-stop.js";
import { checkPieces } from "./check-pieces.js";
import { keyOf, ReadFolder } from "./read-folder.js";
import { type PlacedPiece, writeWhole } from "./read-whole.js";
import { openModelSpeaker, stampOf } from "./say-model.js";
import { addSpeechOptions, requestOf, type SpeechFlags } from "./say-options.js";
import { showProgress } from "./say-progress.js";

interface ReadFlags extends SpeechFlags {
  readonly out: string;
  readonly regenerate?: readonly number[];
  readonly split?: readonly [number, number];
  readonly pause: number;
  readonly retries: number;
}

export function readCommand(context: Context): TypedCommand {
  const command = new Command("read")
    .summary("read a text of any length: plain text, Markdown, EPUB")
    .description(
      "Reads a document aloud, piece by piece, in one voice. The folder gets a file for each piece, one with all, and subtitles (.srt, .vtt). Ctrl-C keeps what is done: the same command goes on. Pieces whose text, voice or options changed are spoken again.",
    )
    .argument("<file>", "what to read: .txt (one | between pieces cuts there alone), .md, .epub")
    .requiredOption("--out <dir>", "folder for the speech")
    .option(
      "--regenerate <pieces>",
      "speak these again, with other seeds: numbers of their files, e.g. 3,7",
      pieceNumbers,
    )
    .option(
      "--split <desired,most>",
      "characters of a piece (default: 60,100; with TorToiSe's own files 200,300)",
      splitLengths,
    )
    .option(
      "--pause <seconds>",
      "between pieces; three times that around headings",
      notNegative,
      0.2,
    )
    .option("--retries <n>", "tries more for pieces that are cut, loop or lack words", whole(0), 1);
  return addSpeechOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill read story.md --out story
  $ hawksbill read book.epub --out book --model tortoise --tokenizer tokenizer.json
        --voice me.safetensors --preset ultra_fast
  $ hawksbill read story.md --out story --regenerate 3,7`,
    )
    .action((file: string, flags: ReadFlags) =>
      withTools(context, flags, (tools) => read(file, flags, tools)),
    ) as unknown as TypedCommand;
}

/** Small models were taught short sentences. */
const usualSplit = { dvae: [60, 100], tortoise: [200, 300] } as const;

const flawText: Readonly<Record<SpeechFlaw, string>> = {
  unfinished: "the model did not end it by itself, and it was cut",
  repeats: "it goes round in circles",
  hurried: "it is too short for its text",
};

async function read(path: string, flags: ReadFlags, tools: Tools): Promise<void> {
  const { reporter, signal, device } = tools;
  const passages = await passagesOf(path);
  const folder = await ReadFolder.open(flags.out, basename(path));
  const speaker = await openModelSpeaker(flags, device);
  const texts = piecesOf(passages, flags.split ?? usualSplit[speaker.kind]);
  const pieces: PlacedPiece[] = [];
  announceStop(tools, "after the step under way");
  try {
    const again = chosenAgain(flags.regenerate ?? [], texts.length);
    const asked = requestOf(flags, speaker);
    const { conditioning: _, ...request } = asked; // The voice has it.
    const { seed = 0 } = request;
    const voiceTools = { speaker, reporter, request: asked };
    const { heard } = await readVoice(flags.voice, flags.model, voiceTools);
    // Once, so that the voice does not wander from piece to piece.
    const voice = await speaker.voice(heard.voice, {
      ...heard.conditioning,
      random: voiceRandom(request),
      signal,
    });
    // What decides nothing of a piece that could be spoken.
    const { batchSize: __, memoryMB: ___, unknown: ____, ...deciding } = request;
    const { weights = "fp32", products = "fp32" } = flags;
    const made = [await stampOf(flags), weights, products, deciding];

    const keys = texts.map(({ text }) =>
      keyOf(text, ...made, voice.autoregressive, voice.diffusion ?? ""),
    );
    await folder.arrange(keys);
    const done = await Promise.all(
      keys.map(async (key, i) => (again.has(i) ? undefined : await folder.done(i, key))),
    );
    const toSpeak = texts.flatMap(({ text }, i) => (done[i] ? [] : [[i, text] as const]));
    await checkPieces(path, new Map(toSpeak), speaker, request);

    for (const [index, { text, endsPassage }] of texts.entries()) {
      signal.throwIfAborted();
      const key = keys[index] as string;
      const place = { pauseSeconds: flags.pause * (endsPassage ? 3 : 1) };
      const before = await folder.done(index, key);
      if (before && !again.has(index)) {
        pieces.push({ ...before, ...place });
        continue;
      }
      const number = `piece ${index + 1} of ${texts.length}`;
      const speech = await speakFlawlessly(
        speaker,
        {
          ...request,
          text,
          voice,
          seed: before ? before.seed + 1 : seed,
          signal,
          onProgress: showProgress(reporter, number),
        },
        flags.retries,
      );
      const flaw = flawOf(speech, text);
      const saved = await folder.save(index, speech, { text, key, ...(flaw ? { flaw } : {}) });
      pieces.push({ ...saved, ...place });
      reporter.event({ type: "piece", number: index + 1, count: texts.length, ...saved });
      reporter.note(
        `${saved.file} (${number}): ${text.slice(0, 60)}${text.length > 60 ? "…" : ""}`,
      );
      if (flaw)
        reporter.warn(
          `${saved.file}: ${flawText[flaw]}; try it again with --regenerate ${index + 1}, or cut its text`,
        );
    }
    const whole = await writeWhole(flags.out, nameOf(path), pieces, speaker.sampleRateHz);
    await folder.removeFrom(texts.length);
    reporter.event({ type: "reading", ...whole, pieces: pieces.length });
    reporter.note(
      `${shellWord(whole.file)}: ${duration(whole.seconds)} of speech in ${count(pieces.length, "piece")}`,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted(
      `Stopped. ${pieces.length} of ${texts.length} pieces are done and kept; the same command goes on.`,
    );
  } finally {
    await speaker.dispose();
  }
}

interface TextPiece {
  readonly text: string;
  readonly endsPassage: boolean;
}

function piecesOf(
  passages: readonly string[],
  [desiredLength, maxLength]: readonly [number, number],
): readonly TextPiece[] {
  return passages.flatMap((passage) => {
    const texts = splitText(passage, { desiredLength, maxLength });
    return texts.map((text, i) => ({ text, endsPassage: i === texts.length - 1 }));
  });
}

/** @throws {CliError} The document cannot be read. */
async function passagesOf(path: string): Promise<readonly string[]> {
  try {
    return readDocument(await readFile(path), path).passages;
  } catch (cause) {
    if (cause instanceof DocumentError) throw new CliError(cause.message, { cause });
    throw cause;
  }
}

/** @throws {CliError} There is no such piece. */
function chosenAgain(numbers: readonly number[], all: number): ReadonlySet<number> {
  const stranger = numbers.find((number) => number > all);
  if (stranger !== undefined)
    throw new CliError(`--regenerate ${stranger}: the text has ${count(all, "piece")}, from 1 on`);
  return new Set(numbers.map((number) => number - 1));
}

/** `book` of `/home/me/book.epub`; a number alone is the name of a piece. */
function nameOf(path: string): string {
  const name = basename(path, extname(path));
  return /^\d+$/.test(name) ? `${name}-whole` : name;
}

function pieceNumbers(text: string): number[] {
  const numbers = counts(text);
  if (numbers.every((number) => number > 0)) return numbers;
  throw new InvalidArgumentError("Give numbers of pieces, from 1 on.");
}

function splitLengths(text: string): readonly [number, number] {
  const [desired = 0, most = desired, ...more] = counts(text);
  if (more.length === 0 && desired > 0 && desired <= most) return [desired, most];
  throw new InvalidArgumentError("Give two whole numbers, the first no larger, e.g. 200,300.");
}
