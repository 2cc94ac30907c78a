import { homedir } from "node:os";
import { resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import {
  DownloadError,
  type DownloadOptions,
  download,
  huggingFaceCache,
  importFile,
  type LocalFile,
  type RemoteFile,
} from "@hawksbill/hub";
import { CliError, Interrupted } from "../cli-error.js";
import { type Context, type ReportingTools, withReporter } from "../context.js";
import { shellWord } from "../format.js";
import { jsonOption } from "../options.js";
import type { Reporter } from "../reporter.js";
import { listFiles } from "./download-list.js";
import { type Wanted, wantedFiles } from "./download-names.js";
import { bytesText, downloadProgress } from "./download-progress.js";

export function downloadCommand(context: Context): Command {
  return new Command("download")
    .summary("get TorToiSe's files, or others of the Hugging Face Hub")
    .description(
      "Downloads files into the cache of Hugging Face's libraries, verified, and says where they lie. What is there already is not downloaded again. Ctrl-C keeps what has come.",
    )
    .argument(
      "[names...]",
      "sets (--list shows them), files of sets, repositories (owner/name) or files of them",
    )
    .option("--list", "show sets and files, how large they are, and what is in the cache")
    .option("--from <file>", "put this copy of a set's file into the cache, if its sha256 is right")
    .option("--offline", "use no network: say where files lie in the cache")
    .option(
      "--endpoint <url>",
      "server that has the Hub's files; again for more, tried in this order (default: https://huggingface.co)",
      (url: string, others: string[] | undefined) => [...(others ?? []), url],
    )
    .option("--cache <dir>", "folder of the cache (default: that of Hugging Face's libraries)")
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Environment: HF_HOME and HF_HUB_CACHE (where the cache is), HF_ENDPOINT, HF_TOKEN (for
repositories that ask who you are), HF_HUB_OFFLINE.

Examples:
  $ hawksbill download --list
  $ hawksbill download tortoise dvae
  $ hawksbill download tortoise/autoregressive.pth
  $ hawksbill download owner/name owner/name@revision/model.safetensors
  $ hawksbill download tortoise --endpoint https://hf-mirror.com
  $ hawksbill download dvae --from my-copy-of-dvae.pth`,
    )
    .action((names, options) =>
      withReporter(context, options, (tools) => run(names, options, tools)),
    ) as unknown as Command;
}

/** The command's options as they are given. */
interface Options {
  readonly list?: true | undefined;
  readonly from?: string | undefined;
  readonly offline?: true | undefined;
  readonly endpoint?: string[] | undefined;
  readonly cache?: string | undefined;
}

/** What the options, and else the environment, say of downloads. */
function downloadOptions(options: Options, env: NodeJS.ProcessEnv): DownloadOptions {
  const endpoints = options.endpoint ?? (env.HF_ENDPOINT ? [env.HF_ENDPOINT] : undefined);
  const isOffline = /^(1|on|yes|true)$/i.test(env.HF_HUB_OFFLINE ?? "");
  return {
    cache: options.cache ?? huggingFaceCache(env, homedir()),
    offline: options.offline ?? isOffline,
    ...(endpoints ? { endpoints } : {}),
    ...(env.HF_TOKEN ? { token: env.HF_TOKEN } : {}),
  };
}

async function run(
  names: readonly string[],
  settings: Options,
  { reporter, signal }: ReportingTools,
): Promise<void> {
  const options = { ...downloadOptions(settings, process.env), signal };
  if (names.length === 0 && !settings.list)
    throw new CliError(
      "no names; say what to download, e.g. hawksbill download tortoise (--list shows what there is)",
    );
  try {
    const wanted = await wantedFiles(names, options);
    if (settings.list) return await listFiles(wanted, options.cache, reporter);
    if (settings.from !== undefined) return await putFrom(settings.from, wanted, options, reporter);
    for (const { file } of wanted) {
      const { onEvent, wasThere } = downloadProgress(file, reporter);
      const found = await download(file, { ...options, onEvent });
      tell(file, found, wasThere() ? "in the cache" : "downloaded", reporter);
    }
    if (settings.cache !== undefined)
      reporter.note(
        `Other commands look there with HF_HUB_CACHE=${shellWord(resolve(settings.cache))} in their environment.`,
      );
  } catch (error) {
    if (signal.aborted) throw new Interrupted(stopped(names, settings));
    if (error instanceof DownloadError) throw new CliError(error.message, { cause: error });
    throw error;
  }
}

async function putFrom(
  path: string,
  wanted: readonly Wanted[],
  options: { readonly cache: string; readonly signal: AbortSignal },
  reporter: Reporter,
): Promise<void> {
  const [only] = wanted;
  if (only === undefined || wanted.length > 1)
    throw new CliError(
      `--from ${shellWord(path)} is one file, and ${wanted.length} are named; name one, e.g. tortoise/vocoder.pth`,
    );
  reporter.progress(`${only.file.name}: comparing and copying ${path}`);
  tell(only.file, await importFile(path, only.file, options), "put into the cache", reporter);
}

function tell({ name }: RemoteFile, file: LocalFile, how: string, reporter: Reporter): void {
  reporter.note(`${name}: ${bytesText(file.bytes)}, ${how}: ${shellWord(file.path)}`);
  reporter.event({ type: "file", name, how, ...file });
}

function stopped(names: readonly string[], { cache, endpoint = [] }: Options): string {
  const options = [
    ...(cache ? ["--cache", cache] : []),
    ...endpoint.flatMap((url) => ["--endpoint", url]),
  ];
  const again = ["npx", "hawksbill", "download", ...names, ...options].map(shellWord).join(" ");
  return `Stopped. What has come is kept. Go on with:\n  ${again}`;
}
