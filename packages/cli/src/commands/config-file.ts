import { readFile } from "node:fs/promises";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { nearest, parseYaml } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";
import { fileProblem } from "../file-problem.js";

/** What a command says of its options. */
interface Options {
  readonly options: readonly {
    readonly long?: string | undefined;
    attributeName(): string;
    isBoolean(): boolean;
    /** Takes several values. */
    readonly variadic: boolean;
    readonly argChoices?: readonly string[] | undefined;
    readonly parseArg?: ((value: string, previous: never) => unknown) | undefined;
  }[];
}

/**
 * The options that a file gives, as if they had been typed.
 *
 * @throws {CliError} It cannot be read, has a key that is no option, or a value that the option does not take.
 */
export async function readConfigFile(
  path: string | undefined,
  { options }: Options,
): Promise<object> {
  if (path === undefined) return {};
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new CliError(fileProblem(cause) ?? String(cause), { cause });
  });
  const byName = new Map(options.map((option) => [option.long?.slice(2) ?? "", option]));
  byName.delete("config");
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parseYaml(text, path))) {
    const option = byName.get(key);
    if (!option) {
      const meant = nearest(key, byName.keys());
      throw new CliError(
        `${path}: "${key}" is no option of finetune; ${meant === undefined ? "take it out" : `did you mean "${meant}"?`}`,
      );
    }
    result[option.attributeName()] = optionValue(option, value, `${path}: ${key}`);
  }
  return result;
}

function optionValue(option: Options["options"][number], value: unknown, where: string): unknown {
  const problem = (wanted: string): CliError =>
    new CliError(`${where} is ${JSON.stringify(value)}; ${wanted}`);
  if (option.isBoolean()) {
    if (typeof value === "boolean") return value || undefined;
    throw problem("give true or false");
  }
  const isWord = (x: unknown): boolean => typeof x === "string" || typeof x === "number";
  if (!(Array.isArray(value) ? value.every(isWord) : isWord(value)))
    throw problem("give what the option takes, a word or a number");
  if (option.variadic) return [value].flat().map(String);
  const text = Array.isArray(value) ? value.join(",") : String(value);
  const { argChoices, parseArg } = option;
  if (argChoices && !argChoices.includes(text)) throw problem(`give ${argChoices.join(", ")}`);
  if (!parseArg || argChoices) return text;
  try {
    return parseArg(text, undefined as never);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw problem(error.message.replace(/^./, (letter) => letter.toLowerCase()).replace(/\.$/, ""));
  }
}
