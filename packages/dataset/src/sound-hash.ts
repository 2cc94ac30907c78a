/**
 * What tells a sound from all others, whatever its file is called: SHA-256 of its samples, in
 * hexadecimal. What is made of a sound can be kept under it.
 */
export async function soundHash(samples: Float32Array): Promise<string> {
  return hashOf(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
}

/** SHA-256 of bytes, in hexadecimal. */
export async function hashOf(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
