import type { Speaker, SpeechRequest } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import { count } from "../format.js";
import { given } from "../given.js";

/** Bad pieces that are named; more of them have mostly the same fault. */
const mostNamed = 10;

/**
 * Finds the pieces that the model cannot read before the first is spoken, not hours later.
 *
 * @param pieces Texts by their index.
 * @throws {CliError} It names them.
 */
export async function checkPieces(
  path: string,
  pieces: ReadonlyMap<number, string>,
  speaker: Pick<Speaker, "check">,
  { unknown }: Pick<SpeechRequest, "unknown">,
): Promise<void> {
  const problems: string[] = [];
  for (const [index, text] of pieces) {
    const error: unknown = await speaker
      .check({ text, ...given({ unknown }) })
      .catch((error) => error);
    if (error === undefined) continue;
    if (!(error instanceof Error) || !faultsOfTexts.has(error.name)) throw error;
    problems.push(`\n  piece ${index + 1}: ${error.message}`);
  }
  if (problems.length === 0) return;
  const more = problems.length - mostNamed;
  const rest = more > 0 ? `\n  … and ${more} more` : "";
  throw new CliError(
    `${path}: ${count(problems.length, "piece")} cannot be spoken:${problems.slice(0, mostNamed).join("")}${rest}\nCorrect the text, or give --skip-unknown for characters that the model does not know.`,
  );
}

const faultsOfTexts: ReadonlySet<string> = new Set(["TextError", "TortoiseError"]);
