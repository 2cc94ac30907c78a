import { VocoderError } from "./vocoder-error.js";

/** @throws {VocoderError} There are not so many numbers, or one is not finite. */
export function checkNumbers(
  caller: string,
  what: string,
  data: Float32Array,
  [rows, columns]: readonly [number, number],
): void {
  if (data.length !== rows * columns)
    throw new VocoderError(
      `${caller}: ${what} of [${rows}, ${columns}] would be ${rows * columns} numbers, got ${data.length}; give as many.`,
    );
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new VocoderError(
      `${caller}: ${data[bad]} in row ${Math.floor(bad / columns)}, column ${bad % columns} of ${what}; give finite numbers.`,
    );
}
