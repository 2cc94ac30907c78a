import { Command } from "@commander-js/extra-typings";
import { type ServedStudio, serveStudio } from "@hawksbill/studio/node";
import { aborted } from "../aborted.js";
import { CliError } from "../cli-error.js";
import type { Context } from "../context.js";
import { port } from "../options.js";

/** Unassigned, and no other program's habit. */
const usualPort = 4729;

export function studioCommand({ terminal, signal }: Context): Command {
  return new Command("studio")
    .summary("serve the studio: the same in a browser, for people")
    .description(
      "Serves the studio, a page that fine-tunes a voice and speaks with it in the browser, to this machine only, until Ctrl-C. Recordings, texts and models stay in the browser.",
    )
    .option("--port <n>", "where to serve it; 0 takes one that is free", port, usualPort)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill studio
  $ hawksbill studio --port 8080`,
    )
    .action(async ({ port }) => {
      const studio = await serve(port);
      terminal.out(`The studio is at ${studio.url} (Ctrl-C ends it)\n`);
      await aborted(signal);
      await studio.close();
    }) as unknown as Command;
}

async function serve(port: number): Promise<ServedStudio> {
  try {
    return await serveStudio({ port });
  } catch (cause) {
    const { code } = Object(cause) as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new CliError(
        `port ${port} is taken, perhaps by another studio; give a different one, or --port 0`,
        { cause },
      );
    if (code === "EACCES")
      throw new CliError(`port ${port} cannot be used; give one from 1024 to 65535`, { cause });
    throw cause;
  }
}
