/**
 * Options that would be ignored are refused.
 *
 * @param where Who takes them, and in which option, e.g. "speak: conditioning".
 * @param names Every option there is.
 * @throws {RangeError} There is no such option.
 */
export function requireKnown(
  where: string,
  options: object,
  names: Readonly<Record<string, unknown>>,
): void {
  const known = Object.keys(names);
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !Object.hasOwn(names, name))
      throw new RangeError(
        `${where}: there is no option "${name}"; ${known.length > 0 ? `give one of ${known.join(", ")}` : "leave it out"}`,
      );
}

/** @throws {RangeError} A value is none of those that its option takes. */
export function requireOneOf(where: string, value: unknown, choices: readonly string[]): void {
  if (!choices.includes(value as string))
    throw new RangeError(`${where} is ${JSON.stringify(value)}; give one of ${choices.join(", ")}`);
}
