import { ApiError } from "./api-error.js";

/** @throws {ApiError} The request does not carry the token (401). */
export async function requireToken(request: Request, token: string | undefined): Promise<void> {
  if (token === undefined) return;
  const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  if (await areSame(given, token)) return;
  throw new ApiError(
    401,
    given === ""
      ? "There is no token; send the header Authorization: Bearer TOKEN (the client's apiKey)."
      : "The token is not the server's; send the one that it was started with.",
    { code: "invalid_api_key", headers: { "www-authenticate": "Bearer" } },
  );
}

/** Compares in a time that tells nothing of where they differ, nor of their lengths. */
async function areSame(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([digest(a), digest(b)]);
  let difference = 0;
  for (const [i, byte] of first.entries()) difference |= byte ^ (second[i] as number);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
