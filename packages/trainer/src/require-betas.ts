/** @throws {RangeError} A beta is not in [0, 1): one step with it would ruin all weights. */
export function requireBetas(who: string, [first, second]: readonly [number, number]): void {
  for (const beta of [first, second])
    if (!(beta >= 0 && beta < 1))
      throw new RangeError(`${who}: a beta is ${beta}; give two numbers from 0 to below 1`);
}
