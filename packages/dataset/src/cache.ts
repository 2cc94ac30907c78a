import { hashOf } from "./sound-hash.js";

/** Keeps what takes long to compute, by keys that say what it was computed from. */
export interface Cache {
  /** What is kept under a key; undefined if there is nothing. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** @param key Letters, digits and "-". */
  set(key: string, bytes: Uint8Array): Promise<void>;
}

/** A cache that is gone with the program. */
export function memoryCache(): Cache {
  const kept = new Map<string, Uint8Array>();
  return {
    async get(key) {
      return kept.get(key);
    },
    async set(key, bytes) {
      kept.set(key, bytes);
    },
  };
}

/** Of how things are kept; what another version kept is passed over. */
const version = 1;

/**
 * A clip's codes, computed once for each sound and dVAE.
 *
 * @param options.hash Of the clip's samples; see `soundHash`.
 * @param options.model What tells the dVAE from others, e.g. a hash of its weights.
 */
export async function cachedCodes(
  cache: Cache,
  { hash, model }: { readonly hash: string; readonly model: string },
  encode: () => Promise<Int32Array>,
): Promise<Int32Array> {
  const key = await keyOf("codes", hash, model);
  const kept = await getWhole(cache, key);
  if (kept) return new Int32Array(kept.buffer);
  const codes = await encode();
  await setWhole(cache, key, bytesOf(codes));
  return codes;
}

async function keyOf(...parts: readonly string[]): Promise<string> {
  const hash = await hashOf(new TextEncoder().encode(JSON.stringify([version, ...parts])));
  return `${parts[0]}-${hash}`;
}

/** Bytes of a SHA-256 before what is kept, to notice what a full disk or a broken one left of it. */
const checkBytes = 8;

async function getWhole(cache: Cache, key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const kept = await cache.get(key);
  if (!kept || kept.length < checkBytes) return undefined;
  const content = kept.slice(checkBytes); // Of its own, so that its numbers are aligned.
  const isWhole = (await check(content)).every((byte, i) => byte === kept[i]);
  return isWhole ? content : undefined;
}

async function setWhole(cache: Cache, key: string, content: Uint8Array): Promise<void> {
  await cache.set(key, joined(await check(content), content));
}

async function check(content: Uint8Array): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(content));
  return new Uint8Array(digest, 0, checkBytes);
}

function bytesOf(array: Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
