/** Options of the packages that commands call otherwise. */
const flags: Readonly<Record<string, string>> = {
  cvvpAmount: "--cvvp",
  memoryMB: "--memory",
  maxCodes: "--max-codes",
  batchSize: "--batch-size",
};

/** A package's message with its options as they are typed. */
export function withFlags(message: string): string {
  return message.replace(/\b[a-z]+[A-Z]\w*\b/g, (word) =>
    Object.hasOwn(flags, word) ? (flags[word] as string) : word,
  );
}
