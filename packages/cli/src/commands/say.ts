import { extname } from "node:path";
import type { Command as TypedCommand } from "@commander-js/extra-typings";
import { encodeWav } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import type { Speech, TortoiseSpeech } from "@hawksbill/tortoise";
import { Command } from "commander";
import { type Context, withTools } from "../context.js";
import { shellWord } from "../format.js";
import { whole } from "../options.js";
import { requireWritable } from "../require-writable.js";
import { readVoice } from "../voice.js";
import { openModelSpeaker } from "./say-model.js";
import { addSpeechOptions, requestOf, type SpeechFlags } from "./say-options.js";
import { showProgress } from "./say-progress.js";
import { textToSay } from "./say-text.js";

interface SayFlags extends SpeechFlags {
  readonly out: string;
  readonly file?: string;
  readonly keep?: number;
}

export function sayCommand(context: Context): TypedCommand {
  const command = new Command("say")
    .summary("say a text in a voice")
    .description(
      "Says a text in a voice and writes the speech into a WAV file. With TorToiSe's own files the text is spoken many times, and the best is taken.",
    )
    .argument(
      "[text]",
      "what to say: a sentence or two, - to read it from the input; `hawksbill read` takes longer ones",
    )
    .option("--file <file.txt>", "file of the text to say, in the place of the text")
    .requiredOption("--out <file.wav>", "file to write")
    .option("--keep <n>", "write so many of the best candidates: out.wav, out-2.wav, …", whole(1));
  return addSpeechOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill say "Good morning." --out morning.wav
  $ hawksbill say "Good morning." --model my-run --out morning.wav
  $ hawksbill say "Good morning." --model my-run --voice me.wav me-again.mp3 --out morning.wav
  $ echo "Good morning." | hawksbill say - --model my-run --out morning.wav
  $ hawksbill say "[I am so sad,] good morning." --model my-run --out sad.wav
  $ hawksbill say "Good morning." --model my-run --seed 2 --temperature 0.6 --out morning.wav
  $ hawksbill say "Good morning." --model tortoise --tokenizer tokenizer.json --voice me
        --preset ultra_fast --out morning.wav --json`,
    )
    .action((text: string | undefined, flags: SayFlags) =>
      say(text, flags, context),
    ) as unknown as TypedCommand;
}

async function say(given: string | undefined, flags: SayFlags, context: Context): Promise<void> {
  await withTools(context, flags, async ({ reporter, signal, device }) => {
    await requireWritable(flags.out);
    const { input } = context.terminal;
    const text = await textToSay({ text: given, file: flags.file, input });
    const speaker = await openModelSpeaker(flags, device);
    try {
      const asked = requestOf(flags, speaker);
      const { conditioning: _, ...request } = asked; // The voice has it.
      const tools = { speaker, reporter, request: asked };
      const { name, heard } = await readVoice(flags.voice, flags.model, tools);
      const speech = await speaker.speak({
        ...request,
        ...heard,
        ...(flags.keep === undefined ? {} : { keep: flags.keep }),
        text,
        signal,
        onProgress: showProgress(reporter),
      });
      const kept = keptOf(speech).map((one, i) => ({ ...one, file: numbered(flags.out, i) }));
      for (const { audio, file } of kept) await writeFileAtomic(file, encodeWav(audio));
      if (speech.audio.samples.length === 0)
        reporter.warn(
          "the model ended the text at once, and there is no sound; try another --seed",
        );
      if (!speech.stopped)
        reporter.warn(
          `the model did not end the text by itself and was cut; try another --seed, ${flags.maxCodes === undefined ? "or a shorter text" : "a shorter text, or more --max-codes"}`,
        );
      for (const { audio, file } of kept)
        reporter.note(`${shellWord(file)}: ${secondsOf({ audio }).toFixed(1)} s of speech`);
      const { out: file, weights = "fp32" } = flags;
      reporter.event({ type: "speech", file, voice: name, weights, ...told(speech) });
    } finally {
      await speaker.dispose();
    }
  });
}

/** What made a speech, as data. */
function told(speech: Speech) {
  const { codes, stopped, plan, seconds } = speech;
  const { candidates, score } = speech as Partial<TortoiseSpeech>;
  return {
    seed: plan.seed,
    stopped,
    audioSeconds: round(secondsOf(speech)),
    stageSeconds: Object.fromEntries(
      Object.entries(seconds).map(([stage, time]) => [stage, round(time)]),
    ),
    codes: Array.from(codes),
    ...(score === undefined ? {} : { score }),
    ...(candidates
      ? {
          candidates: candidates.map((candidate) => ({
            codes: candidate.codes.length,
            stopped: candidate.stopped,
            score: candidate.score,
          })),
        }
      : {}),
    plan,
  };
}

function secondsOf({ audio }: Pick<Speech, "audio">): number {
  return audio.samples.length / audio.sampleRateHz;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function keptOf(speech: Speech): readonly Pick<Speech, "audio">[] {
  return (speech as Partial<TortoiseSpeech>).kept ?? [speech];
}

/** `morning.wav`, `morning-2.wav`, … */
function numbered(path: string, i: number): string {
  if (i === 0) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${i + 1}${extension}`;
}
