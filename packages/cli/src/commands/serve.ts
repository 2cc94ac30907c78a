import { once } from "node:events";
import { createServer } from "node:net";
import type { Command as TypedCommand } from "@commander-js/extra-typings";
import { SpeechServer } from "@hawksbill/server";
import { type RunningServer, serve } from "@hawksbill/server/node";
import { Command } from "commander";
import { aborted } from "../aborted.js";
import { CliError } from "../cli-error.js";
import { type Context, type ReportingTools, withReporter } from "../context.js";
import { count } from "../format.js";
import { notNegative, port, whole } from "../options.js";
import { openModelProcess } from "./say-model.js";
import { addSpeechOptions, type SpeechFlags } from "./say-options.js";
import { requestLine } from "./serve-log.js";
import { openVoices, speechModel, tryToSpeak, usualRequest } from "./serve-model.js";

/** How to serve, as it is given. */
interface ServeFlags extends SpeechFlags {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly name?: string;
  readonly voices?: string;
  readonly maxWaiting: number;
  readonly maxCharacters: number;
  readonly grace: number;
  readonly origin?: readonly string[];
  readonly allowHost?: readonly string[];
}

export function serveCommand(context: Context): TypedCommand {
  const command = new Command("serve")
    .summary("speak for other programs, over HTTP")
    .description(
      "Answers requests for speech as OpenAI's POST /v1/audio/speech does, in MP3, Opus, FLAC, WAV or PCM, while it is spoken. Also: GET /v1/models, /v1/audio/voices, /health, /metrics. Ctrl-C finishes what is under way.",
    )
    .option("--host <address>", "where to listen; 0.0.0.0 for all networks", "127.0.0.1")
    .option("--port <n>", "0 takes one that is free", port, 8321)
    .option(
      "--token <text>",
      "what clients send as their API key (default: HAWKSBILL_TOKEN of the environment, or none)",
    )
    .option("--name <id>", "how clients call the model (default: that of its folder)")
    .option("--voices <dir>", "folder of voices, by their names (hawksbill voices list)")
    .option("--max-waiting <n>", "requests that wait; more are told to come again", whole(0), 16)
    .option("--max-characters <n>", "of a text", whole(1), 4096)
    .option("--grace <seconds>", "to finish what is under way at the end", notNegative, 10)
    .option(
      "--origin <origins...>",
      'pages that may ask from browsers, e.g. https://me.example; "*": all',
    )
    .option("--allow-host <names...>", "names to answer to beside this machine's own");
  return addSpeechOptions(command)
    .addHelpText(
      "after",
      `
The voice of --voice is called "default". speed and response_format are honoured, instructions refused.

Examples:
  $ hawksbill serve
  $ hawksbill serve --model my-run --voices my-voices --port 8000
  $ hawksbill serve --model tortoise --tokenizer tokenizer.json --voices my-voices --decoder hifigan --candidates 1

  $ curl http://127.0.0.1:8321/v1/audio/speech --json \\
      '{"model": "hawksbill-small", "voice": "default", "input": "Good morning."}' --output morning.mp3

  import OpenAI from "openai";
  const client = new OpenAI({ baseURL: "http://127.0.0.1:8321/v1", apiKey: "none" });
  const speech = await client.audio.speech.create({
    model: "hawksbill-small", voice: "default", input: "Good morning.", response_format: "wav",
  });`,
    )
    .action((flags: ServeFlags) =>
      withReporter(context, flags, (tools) => run(flags, tools)),
    ) as unknown as TypedCommand;
}

async function run(flags: ServeFlags, tools: ReportingTools): Promise<void> {
  const { reporter, signal } = tools;
  await requireFree(flags); // Before the model is read, which takes longer.
  // Other requests are answered while it speaks.
  const speaker = await openModelProcess(flags, tools);
  try {
    const voices = await openVoices(flags, speaker, reporter);
    const usual = usualRequest(flags, speaker);
    await tryToSpeak(usual, voices);
    const model = speechModel(flags, usual, voices);
    const token = flags.token ?? process.env.HAWKSBILL_TOKEN;
    const { maxWaiting, maxCharacters, origin } = flags;
    const speech = new SpeechServer({
      models: [model],
      maxWaiting,
      maxCharacters,
      ...(token === undefined ? {} : { token }),
      ...(origin ? { origins: origin } : {}),
      onRequest(event) {
        const { error, ...told } = event;
        reporter.note(requestLine(event));
        reporter.event({ type: "request", ...told, ...(error ? { error: messageOf(error) } : {}) });
      },
    });
    const server = await listen(speech, flags);
    const { url } = server;
    reporter.note(
      `${url}/v1/audio/speech: model ${model.id}, ${count(model.voices.length, "voice")}: ${model.voices.join(", ")}`,
    );
    reporter.event({ type: "listening", url, model: model.id, voices: model.voices });
    if (token === undefined && !isLocal(flags.host))
      reporter.warn("everybody who reaches this address can use it; --token asks who they are");
    await aborted(signal);
    reporter.note(
      `Stopping when what is under way is finished, after ${flags.grace} s at the latest. Press Ctrl-C again to stop at once.`,
    );
    await server.close({ graceSeconds: flags.grace });
    reporter.note("Stopped.");
    reporter.event({ type: "stopped" });
  } finally {
    await speaker.dispose();
  }
}

async function listen(speech: SpeechServer, flags: ServeFlags): Promise<RunningServer> {
  const { host, port, allowHost } = flags;
  const own = ["127.0.0.1", "localhost", "[::1]", host.includes(":") ? `[${host}]` : host];
  const options = { host, port, ...(allowHost ? { allowedHosts: [...own, ...allowHost] } : {}) };
  return serve(speech, options).catch((cause) => {
    throw listenProblem(cause, flags);
  });
}

/** @throws {CliError} One cannot listen there. */
async function requireFree(flags: ServeFlags): Promise<void> {
  const probe = createServer();
  probe.listen({ host: flags.host, port: flags.port });
  await once(probe, "listening").catch((cause) => {
    throw listenProblem(cause, flags);
  });
  probe.close();
  await once(probe, "close");
}

function listenProblem(cause: unknown, { host, port }: ServeFlags): unknown {
  const { code } = cause as { readonly code?: unknown };
  if (code === "EADDRINUSE")
    return new CliError(`port ${port} is taken; give another --port, or 0 for any`, { cause });
  if (code === "EACCES" || code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new CliError(
      `cannot listen on ${host}, port ${port} (${code}); give another --host or --port`,
      { cause },
    );
  return cause;
}

function isLocal(host: string): boolean {
  return /^(localhost|::1|127\..+)$/.test(host);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
