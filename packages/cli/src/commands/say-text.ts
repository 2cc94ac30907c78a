import { open } from "node:fs/promises";
import { CliError } from "../cli-error.js";

/** Far more than any model reads at once. */
const mostBytes = 1e6;

/** Where a text to say comes from. */
export interface TextSource {
  /** The text itself; "-" reads it from the input. */
  readonly text?: string | undefined;
  readonly file?: string | undefined;
  readonly input?: AsyncIterable<Uint8Array> | undefined;
}

/** The text to say. @throws {CliError} There is none, or it is not UTF-8. */
export async function textToSay({ text, file, input }: TextSource): Promise<string> {
  if (file !== undefined && text !== undefined)
    throw new CliError("say: there is a text, and --file; give one of the two");
  if (file !== undefined) {
    const handle = await open(file);
    return decoded(file, handle.createReadStream()); // It closes the file.
  }
  if (text === undefined)
    throw new CliError(
      'say: there is no text; give it in quotes, - to read it from the input, or --file, e.g. hawksbill say "Good morning." --out morning.wav',
    );
  return text === "-" && input ? decoded("the input", input) : text;
}

async function decoded(name: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > mostBytes)
        throw new CliError(
          `${name}: is too long to be said at once; give it to \`hawksbill read\``,
        );
      text += decoder.decode(chunk, { stream: true });
    }
    return (text + decoder.decode()).trim();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new CliError(`${name}: is no text in UTF-8; save it as UTF-8`, { cause });
  }
}
