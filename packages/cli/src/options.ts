import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** Reads a whole number of at least `least`. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Give a whole number of ${least} or more.`);
  };
}

/** Reads a port to listen on, 0 for any that is free. */
export function port(text: string): number {
  const value = whole(0)(text);
  if (value <= 65_535) return value;
  throw new InvalidArgumentError("Give a port from 1 to 65535, or 0 for any that is free.");
}

/** Reads a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Give a number above 0.");
}

/** Reads a number of 0 or more. */
export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError("Give a number of 0 or more.");
}

/** Reads whole numbers separated by commas. */
export function counts(text: string): number[] {
  return words(text).map(whole(0));
}

/** Reads a share, or two separated by commas. */
export function shares(text: string): number[] {
  const found = words(text).map(Number);
  if (found.length <= 2 && found.every((share) => share >= 0 && share <= 1)) return found;
  throw new InvalidArgumentError("Give a number from 0 to 1, or two separated by a comma.");
}

/** Reads a share. */
export function share(text: string): number {
  const [value = Number.NaN, ...more] = shares(text);
  if (more.length === 0) return value;
  throw new InvalidArgumentError("Give a number from 0 to 1.");
}

/** Reads how much of an average each step keeps: with all of it, it would stay as it began. */
export function decay(text: string): number {
  const value = share(text);
  if (value < 1) return value;
  throw new InvalidArgumentError("Give a number from 0 to below 1.");
}

/** Reads a share that is not nothing. */
export function someShare(text: string): number {
  const value = share(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("Give a number above 0, at most 1.");
}

/** Reads numbers above 0, separated by commas. */
export function factors(text: string): number[] {
  return words(text).map(positive);
}

/** Reads words separated by commas. */
export function words(text: string): string[] {
  const found = text.split(",").map((word) => word.trim());
  if (found.every((word) => word !== "")) return found;
  throw new InvalidArgumentError("Give one or more, separated by commas.");
}

/** Reads which clips to hold out: how many, which share, or their ids. */
export function heldOutClips(text: string): number | string[] {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) return text.split(",").map((id) => id.trim());
  if (value >= 0 && (value < 1 || Number.isSafeInteger(value))) return value;
  throw new InvalidArgumentError(
    "Give a whole number of clips, a share below 1, or ids separated by commas.",
  );
}

/** Where to compute; "auto" where it is not given. */
export const deviceOption = new Option(
  "--device <name>",
  'where to compute (default: "auto")',
).choices(["auto", "cpu", "webgpu", "cuda", "dml", "coreml"] as const);

export const threadsOption = new Option(
  "--threads <n>",
  "processor threads to use (default: as many as there are cores)",
).argParser(whole(1));

export const productsOption = new Option(
  "--products <precision>",
  "what larger matrix products are computed in: fp16 on a GPU that has it, a little less exact (default: fp32)",
).choices(["fp32", "fp16"] as const);

export const jsonOption = new Option("--json", "tell of everything in lines of JSON");
