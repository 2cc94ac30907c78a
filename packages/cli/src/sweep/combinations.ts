import { nearest } from "@hawksbill/tortoise";
import { CliError } from "../cli-error.js";

/** What one option is to be, in turn. */
export interface Axis {
  /** The option's name without dashes, e.g. "learning-rate". */
  readonly option: string;
  readonly values: readonly string[];
}

/** A value of each option of a sweep. */
export interface Combination {
  /** E.g. "learning-rate=1e-5 lora=16". */
  readonly name: string;
  /** By option, without those that are left out. */
  readonly values: Readonly<Record<string, string>>;
  /** As finetune takes them. */
  readonly args: readonly string[];
}

/** An option of finetune's. */
export interface KnownOption {
  readonly long?: string | undefined;
  isBoolean(): boolean;
}

/** A value that leaves the option out. */
const without = "none";

/** Options that say where or how a run is made, and not what is learnt. */
const notSwept = new Set([
  "out",
  "resume",
  "accept-changes",
  "plan",
  "range-test",
  "json",
  "config",
]);

/** Reads `learning-rate=1e-5,5e-5`. @throws {CliError} It has another form, or no such option is there. */
export function axisOf(text: string, options: readonly KnownOption[]): Axis {
  const [, option = "", list = ""] = /^(?:--)?([\w-]+)=(.+)$/.exec(text) ?? [];
  const values = list.split(",").map((value) => value.trim());
  if (option === "" || values.includes(""))
    throw new CliError(
      `--set is ${text}; give an option of finetune with its values, e.g. learning-rate=1e-5,1e-4`,
    );
  const names = options
    .map(({ long }) => long?.slice(2) ?? "")
    .filter((name) => !notSwept.has(name));
  if (!names.includes(option)) {
    const meant = nearest(option, names);
    throw new CliError(
      `--set is ${text}; "${option}" is no option of finetune to try values of${meant === undefined ? "" : `, did you mean "${meant}"?`}`,
    );
  }
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw new CliError(`--set is ${text}; ${twice} is in it twice`);
  return { option, values };
}

/** Each value of each option with each of the others; the last option changes fastest. */
export function combinations(
  axes: readonly Axis[],
  options: readonly KnownOption[],
): Combination[] {
  const [twice] = axes.filter(({ option }, i) => axes.findIndex((a) => a.option === option) !== i);
  if (twice) throw new CliError(`--set ${twice.option} is given twice; put the values together`);
  const pairs = axes.reduce<[string, string][][]>(
    (before, { option, values }) =>
      before.flatMap((some) =>
        values.map((value): [string, string][] => [...some, [option, value]]),
      ),
    [[]],
  );
  return pairs.map((chosen) => ({
    name: chosen.map(([option, value]) => `${option}=${value}`).join(" "),
    values: Object.fromEntries(chosen),
    args: chosen.flatMap(([option, value]) => argsOf(option, value, options)),
  }));
}

function argsOf(option: string, value: string, options: readonly KnownOption[]): string[] {
  // A rank of 0 is no adapter.
  if (value === without || (option === "lora" && value === "0")) return [];
  if (!options.find(({ long }) => long === `--${option}`)?.isBoolean())
    return [`--${option}`, value];
  if (value === "true") return [`--${option}`];
  if (value === "false") return [];
  throw new CliError(`--set ${option} has ${value}; give true or false`);
}
