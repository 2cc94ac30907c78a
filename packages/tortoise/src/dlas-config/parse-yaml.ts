import { parseDocument } from "yaml";
import { TortoiseError } from "../tortoise-error.js";

/** A configuration has a few kilobytes; more is another file. */
const mostCharacters = 1_000_000;
/** Aliases of aliases could grow without end. */
const mostAliases = 100;

/**
 * The keys and values of a configuration in YAML or JSON. Tags of one's own are refused: nothing is run.
 *
 * @param file What error messages call it.
 * @throws {TortoiseError} It is no YAML, has a key twice, or holds no keys and values.
 */
export function parseYaml(text: string, file: string): Record<string, unknown> {
  if (text.length > mostCharacters)
    throw new TortoiseError(`${file}: has more than a million characters; give a configuration`);
  const document = parseDocument(text, { schema: "core", merge: true, logLevel: "silent" });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem)
    throw new TortoiseError(`${file}: ${problem.message.split("\n")[0]}; mend it`, {
      cause: problem,
    });
  const value = plainValue(document, file);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TortoiseError(`${file}: holds no keys and values; write lines like "steps: 500"`);
  return value as Record<string, unknown>;
}

function plainValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (cause) {
    throw new TortoiseError(`${file}: has too many aliases (&, *); write the values out`, {
      cause,
    });
  }
}
