import { homedir } from "node:os";
import { Command } from "@commander-js/extra-typings";
import { fileSets, findCached, huggingFaceCache } from "@hawksbill/hub";
import { openClassifier, openClip } from "@hawksbill/tortoise/node";
import { type Context, withTools } from "../context.js";
import { deviceOption, jsonOption, threadsOption } from "../options.js";

export function classifyCommand(context: Context): Command {
  return new Command("classify")
    .summary("say whether TorToiSe made a recording")
    .description(
      "Says how likely it is that TorToiSe made a recording, by the classifier of its author. Its file is got with `hawksbill download classifier`. It knows speech as it comes from TorToiSe, and is easily deceived: by recording it again, or with other noise.",
    )
    .argument("<file...>", "recordings: WAV, FLAC, MP3 or Ogg")
    .option("--classifier <file>", "classifier.pth (default: the one that was downloaded)")
    .addOption(deviceOption)
    .addOption(threadsOption)
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill classify message.mp3
  $ hawksbill classify *.wav --classifier classifier.pth --json`,
    )
    .action(async (files, options) => {
      await withTools(context, options, async ({ reporter, signal, device }) => {
        const path = options.classifier ?? (await downloadedClassifier());
        const classifier = await openClassifier(path, device);
        try {
          for (const file of files) {
            signal.throwIfAborted();
            const probability = await classifier.probability(await openClip(file));
            reporter.event({ type: "classified", file, probability });
            reporter.note(`${file}: ${Math.round(probability * 100)} % made by TorToiSe`);
          }
        } finally {
          await classifier.dispose();
        }
      });
    }) as unknown as Command;
}

/** Where the downloaded file lies; if it does not, its name, so that it is missed. */
async function downloadedClassifier(): Promise<string> {
  const [file] = fileSets.classifier.files;
  const cached = file && (await findCached(file, huggingFaceCache(process.env, homedir())));
  return cached?.path ?? "classifier.pth";
}
