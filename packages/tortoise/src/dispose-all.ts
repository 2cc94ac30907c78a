/** Frees one after another, whatever becomes of those before. @throws What the first that failed threw. */
export async function disposeAll(parts: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const dispose of parts) await dispose().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
