/** Options that say where a run is computed and how it is told, and not what it is. */
const withValue = ["--device", "--threads", "--products"];

/** The arguments that may be others when a sweep goes on, and the rest. */
export function machineArgs(args: readonly string[]): {
  readonly machine: string[];
  readonly rest: string[];
} {
  const isOfMachine = (arg: string, i: number): boolean =>
    arg === "--json" ||
    withValue.includes(arg.split("=", 1)[0] ?? "") ||
    withValue.includes(args[i - 1] ?? "");
  return {
    machine: args.filter(isOfMachine),
    rest: args.filter((arg, i) => !isOfMachine(arg, i)),
  };
}
