import { Command, CommanderError } from "@commander-js/extra-typings";
import type { TextError } from "@hawksbill/text";
import { CliError, Interrupted } from "./cli-error.js";
import { classifyCommand } from "./commands/classify.js";
import { decodeCommand } from "./commands/decode.js";
import { demoCommand } from "./commands/demo.js";
import { devicesCommand } from "./commands/devices.js";
import { doctorCommand } from "./commands/doctor.js";
import { downloadCommand } from "./commands/download.js";
import { encodeCommand } from "./commands/encode.js";
import { exportCommand } from "./commands/export.js";
import { finetuneCommand } from "./commands/finetune.js";
import { inspectCommand } from "./commands/inspect.js";
import { mergeCommand } from "./commands/merge.js";
import { readCommand } from "./commands/read.js";
import { sayCommand } from "./commands/say.js";
import { serveCommand } from "./commands/serve.js";
import { studioCommand } from "./commands/studio.js";
import { sweepCommand } from "./commands/sweep.js";
import { voicesCommand } from "./commands/voices.js";
import type { Context } from "./context.js";
import { fileProblem } from "./file-problem.js";
import { printable } from "./format.js";
import { withFlags } from "./option-names.js";
import type { Terminal } from "./terminal.js";
import { version } from "./version.js";

/** In the order of the help. */
const commands = [
  doctorCommand,
  finetuneCommand,
  sweepCommand,
  sayCommand,
  readCommand,
  serveCommand,
  voicesCommand,
  classifyCommand,
  encodeCommand,
  decodeCommand,
  inspectCommand,
  mergeCommand,
  exportCommand,
  downloadCommand,
  studioCommand,
  devicesCommand,
  demoCommand,
];

/**
 * Runs a command line, e.g. `["say", "Hello.", "--out", "hello.wav"]`.
 *
 * @param signal Aborting it does what Ctrl-C does: work is saved and ends.
 * @returns The exit code: 0 is success, 1 a failure that was told, 130 an interruption.
 */
export async function main(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  try {
    requireShort(args);
    await program({ terminal, signal }).parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode; // It has been told already.
    const isInterrupted = error instanceof Interrupted || signal.aborted;
    terminal.error(`${printable(messageOf(error, signal))}\n`);
    if (args.includes("--verbose") && error instanceof Error) terminal.error(details(error));
    return isInterrupted ? 130 : 1;
  }
}

/**
 * ONNX Runtime 1.30 takes stack for each letter of its process's command line: from 28,900 letters on, the process is
 * gone without a word.
 */
const mostLetters = 20_000;

/** @throws {CliError} ONNX Runtime could not stand it. */
function requireShort(args: readonly string[]): void {
  const letters = args.reduce((sum, arg) => sum + Buffer.byteLength(arg) + 1, 0);
  if (letters > mostLetters)
    throw new CliError(
      `the command line is ${letters} letters long, and may have ${mostLetters}; give a long text to \`hawksbill read\` in a file, and many clips as their folder`,
    );
}

function program(context: Context): Command {
  const { terminal } = context;
  const root = new Command("hawksbill")
    .description("Fine-tune a voice of the TorToiSe text-to-speech system, and speak with it.")
    .version(version)
    .option("--verbose", "show where an error comes from")
    .helpCommand(false)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill demo
  $ hawksbill finetune --dataset my-voice --out my-run
  $ hawksbill say "Good morning." --model my-run --out morning.wav

"hawksbill COMMAND --help" tells more about a command.`,
    );
  for (const add of commands) root.addCommand(add(context));
  for (const command of withSubcommands(root as Command))
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({
        writeOut: terminal.out,
        writeErr: terminal.error,
        getOutHelpWidth: () => terminal.columns?.() ?? 100,
        getErrHelpWidth: () => terminal.columns?.() ?? 100,
      });
  return root as Command;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...(command.commands as readonly Command[]).flatMap(withSubcommands)];
}

/** An error in words, for people: never a stack trace. */
function messageOf(error: unknown, signal: AbortSignal): string {
  if (error instanceof Interrupted) return error.message;
  if (signal.aborted && error === signal.reason) return "Stopped.";
  const reason =
    fileProblem(error) ?? withFlags(error instanceof Error ? error.message : `${error}`);
  const isOurMistake =
    error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError;
  const advice = isOurMistake
    ? "\nThis is a mistake in Hawksbill. Please report it, with what --verbose adds."
    : isOfUnknown(error)
      ? " Or give --skip-unknown, and the model passes over them."
      : "";
  return `Error: ${reason}${advice}`;
}

/** Whether a text to be spoken has characters that its model does not know. */
function isOfUnknown(error: unknown): boolean {
  const { name, unknown } = Object(error) as Partial<TextError>;
  return name === "TextError" && unknown !== undefined && unknown.length > 0;
}

/** Where an error and its causes come from. */
function details(error: Error): string {
  const cause = error.cause instanceof Error ? `caused by ${details(error.cause)}` : "";
  return error instanceof CliError && !cause ? "" : `${error.stack}\n${cause}`;
}
