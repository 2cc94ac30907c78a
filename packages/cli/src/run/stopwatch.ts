/** How long each part of a run took, in seconds. */
export class Stopwatch {
  readonly #parts: Record<string, number>;
  #lapBegan = performance.now();

  /** @param before What earlier sessions of the same run took. */
  constructor(before: Readonly<Record<string, number>> = {}) {
    this.#parts = { ...before };
  }

  /** The time since the last lap goes to this part. */
  lap(part: string): void {
    const now = performance.now();
    this.#parts[part] = (this.#parts[part] ?? 0) + (now - this.#lapBegan) / 1000;
    this.#lapBegan = now;
  }

  /** By part, rounded to milliseconds, with their sum as `total`. */
  get seconds(): Record<string, number> {
    const parts = Object.entries(this.#parts).filter(([name]) => name !== "total");
    const total = parts.reduce((sum, [, seconds]) => sum + seconds, 0);
    return Object.fromEntries(
      [...parts, ["total", total] as const].map(([name, s]) => [name, Math.round(s * 1000) / 1000]),
    );
  }
}
