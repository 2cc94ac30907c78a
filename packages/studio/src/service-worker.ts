/// <reference lib="webworker" />
import { studioHeaders } from "./headers.js";

const worker = self as unknown as ServiceWorkerGlobalScope;

/** Set by the build: see `vite/precache.ts`. */
declare const __PRECACHE__: { readonly version: string; readonly files: readonly string[] };
const { version, files } = __PRECACHE__;
const cacheName = `hawksbill-studio-${version}`;

/** An answer with the studio's headers, for servers that do not send them. */
function withHeaders(response: Response): Response {
  if (response.headers.has("Cross-Origin-Embedder-Policy") || response.status === 0)
    return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(studioHeaders)) headers.set(name, value);
  const { status, statusText, body } = response;
  return new Response(body, { status, statusText, headers });
}

/** From the cache, or else from the server and then kept. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const isPage = request.mode === "navigate";
  const kept = await cache.match(isPage ? worker.registration.scope : request, {
    ignoreSearch: isPage,
    ignoreVary: true,
  });
  if (kept) return kept;
  const response = withHeaders(await fetch(request));
  if (response.status === 200) await cache.put(request, response.clone());
  return response;
}

async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName);
  const addresses = files.map(
    (file) => new URL(file.replace(/index\.html$/, ""), worker.registration.scope),
  );
  await Promise.all(
    addresses.map(async (address) => {
      const response = await fetch(address, { cache: "no-cache" });
      if (!response.ok) throw new Error(`${address}: ${response.status}`);
      await cache.put(address, withHeaders(response));
    }),
  );
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("hawksbill-studio-") && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
}

// A new version waits until no page of the one before is open: such a page still needs that one's files.
worker.addEventListener("install", (event) => event.waitUntil(keepAll()));

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const isOurs = request.url.startsWith(worker.registration.scope);
  if (isOurs && request.method === "GET") event.respondWith(answer(request));
});
