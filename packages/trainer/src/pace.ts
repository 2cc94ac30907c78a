/** Tells how long the steps to come will take, from those of late. */
export class Pace {
  readonly #now: () => number;
  #last: number;
  #laps = 0;
  #average = 0; // Seconds a step.

  /** @param now A clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#last = now();
  }

  /** To be called after each step: what else happens between two (evaluation, saving) counts as well. */
  lap(): void {
    const now = this.#now();
    const seconds = (now - this.#last) / 1000;
    this.#last = now;
    // The first step compiles the program, so the second one begins the average anew.
    const share = this.#laps < 2 ? 1 : 0.1;
    this.#average += share * (seconds - this.#average);
    this.#laps++;
  }

  etaSeconds(steps: number): number {
    return steps * this.#average;
  }
}
