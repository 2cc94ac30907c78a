import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { encodeWav } from "@hawksbill/audio";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { disposeModel, type SpeakOptions, speak } from "@hawksbill/tortoise";
import { openModel } from "@hawksbill/tortoise/node";
import { type Context, withTools } from "../context.js";
import { count, shellWord } from "../format.js";
import { deviceOption, positive, threadsOption, whole } from "../options.js";
import { modelPath, placeOf } from "../place.js";
import { readVoice } from "../voice.js";

export function sayCommand(context: Context): Command {
  return new Command("say")
    .summary("say a text in a voice")
    .description("Says a text in a voice and writes the speech into a WAV file (22,050 Hz).")
    .argument("<text>", "what to say: a sentence or two")
    .requiredOption("--out <file.wav>", "file to write")
    .option("--model <dir>", "model or run to speak with (default: the small model inside)")
    .option(
      "--voice <paths...>",
      "recordings to sound like: files, or a folder of them (default: the voice of the run)",
    )
    .option("--seed <n>", "the same seed gives the same speech", whole(0), 0)
    .option("--temperature <x>", "below 1 more even, above 1 livelier speech", positive)
    .option("--top-k <n>", "draw from so many of the likeliest codes, 0 for all", whole(0))
    .option("--top-p <x>", "draw from the likeliest codes up to this share, 1 for all", share)
    .option("--repetition-penalty <x>", "above 1 repeats fewer codes", positive)
    .option("--greedy", "always take the likeliest code")
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addHelpText(
      "after",
      `
What the sampling options are left to is what suits the model.

Examples:
  $ hawksbill say "Good morning." --out morning.wav
  $ hawksbill say "Good morning." --model my-run --out morning.wav
  $ hawksbill say "Good morning." --model my-run --voice me.wav me-again.mp3 --out morning.wav
  $ hawksbill say "Good morning." --model my-run --seed 2 --temperature 0.6 --out morning.wav`,
    )
    .action(async (text, options) => {
      await withTools(context, options, async ({ reporter, signal, device }) => {
        const { out, seed, voice: voicePaths } = options;
        const place = placeOf(options.model);
        const model = await openModel(await modelPath(place));
        try {
          const voice = await readVoice(voicePaths, place);
          reporter.note(`voice: ${count(voice.mels.length, "clip")} of ${voice.name}`);
          const { audio, stopped } = await speak({
            model,
            text,
            voice: voice.mels,
            device,
            seed,
            signal,
            ...sampling(options, model.settings.sampling),
            onProgress: ({ done, of }) =>
              reporter.progress(`speaking: ${done} codes, at most ${of}`),
          });
          await writeFileAtomic(out, encodeWav(audio));
          const seconds = audio.samples.length / audio.sampleRateHz;
          if (!stopped)
            reporter.warn(
              "the model did not end the text by itself and was cut; try another --seed, or a shorter text",
            );
          reporter.note(`${shellWord(out)}: ${seconds.toFixed(1)} s of speech`);
        } finally {
          disposeModel(model);
        }
      });
    }) as unknown as Command;
}

function share(text: string): number {
  const value = positive(text);
  if (value <= 1) return value;
  throw new InvalidArgumentError("Give a share above 0, at most 1.");
}

/** The model's sampling with the options given in its place. */
function sampling(
  options: {
    readonly greedy?: true | undefined;
    readonly temperature?: number | undefined;
    readonly topK?: number | undefined;
    readonly topP?: number | undefined;
    readonly repetitionPenalty?: number | undefined;
  },
  own: Exclude<SpeakOptions["sampling"], "greedy">,
): Pick<SpeakOptions, "sampling"> {
  if (options.greedy) return { sampling: "greedy" };
  const { temperature, topK, topP, repetitionPenalty } = options;
  return {
    sampling: {
      ...own,
      ...(temperature === undefined ? {} : { temperature }),
      ...(topK === undefined ? {} : { topK }),
      ...(topP === undefined ? {} : { topP }),
      ...(repetitionPenalty === undefined ? {} : { repetitionPenalty }),
    },
  };
}
