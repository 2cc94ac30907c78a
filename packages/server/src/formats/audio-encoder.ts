/** Makes a file of samples as they come. */
export interface AudioEncoder {
  /** @returns The bytes that are ready; perhaps none yet. */
  encode(samples: Float32Array): Uint8Array;
  /** @returns The rest. */
  finish(): Uint8Array;
  /** Frees what garbage collection does not; to be called once, finished or not. */
  free(): void;
}

/** Parts as one array. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
