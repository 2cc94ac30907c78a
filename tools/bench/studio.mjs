// @ts-check
/**
 * The studio's first load in Chromium: bytes until it can be used, bytes in all until it can be used without a network,
 * and the time to each, over three fresh browsers: `node tools/bench/studio.mjs`, after `npm run build`.
 */
import { gzipSync } from "node:zlib";
import { serveStudio } from "@hawksbill/studio/node";
import { chromium } from "playwright-core";
import { findChromium } from "../chromium.mjs";

/** Keeps when the page can be used: what was kept of last time is shown, and clips can be chosen; runs in the page. */
const watchForUse = `
  new MutationObserver((_, observer) => {
    if (!document.querySelector("main[aria-busy=false] button:enabled")) return;
    globalThis.usableAt = Date.now();
    observer.disconnect();
  }).observe(document, { subtree: true, childList: true, attributes: true });
`;

const executablePath = findChromium();
if (!executablePath)
  throw new Error("bench: no Chromium found; install it, or set CHROMIUM to its path");
const studio = await serveStudio();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const loads = [];
for (let i = 0; i < 3; i++) loads.push(await firstLoad());
await browser.close();
await studio.close();

const [first, second, third] = loads.toSorted((a, b) => a.usableSeconds - b.usableSeconds);
const middle = second ?? first ?? third;
if (!middle) throw new Error("bench: nothing was measured");
const seconds = (/** @type {number} */ s) => `${s.toFixed(1)} s`;
console.log(`until it can be used      ${kilobytes(middle.usable)}, ${seconds(middle.usableSeconds)}
until it needs no network ${kilobytes(middle.whole)}, ${seconds(middle.wholeSeconds)}`);

/** @typedef {{ bytes: number, packed: number }} Load */

async function firstLoad() {
  const context = await browser.newContext();
  const page = await context.newPage();
  /** @type {{ startTime: number, load: Promise<Load> }[]} */
  const answers = [];
  context.on("response", (response) => {
    const load = response.body().then(
      (body) => ({ bytes: body.length, packed: gzipSync(body).length }),
      () => ({ bytes: 0, packed: 0 }),
    );
    answers.push({ startTime: response.request().timing().startTime, load });
  });
  await page.addInitScript(watchForUse);
  const begin = Date.now();
  await page.goto(studio.url, { waitUntil: "commit" });
  await page.getByText("It is ready to be used without a network.").waitFor({ timeout: 120_000 });
  const wholeSeconds = (Date.now() - begin) / 1000;
  const usableAt = Number(await page.evaluate("usableAt"));
  // The page asks for the base's files the moment that it can be used.
  const needed = answers.filter(({ startTime }) => startTime < usableAt);
  const usable = sum(await Promise.all(needed.map(({ load }) => load)));
  const whole = await page.evaluate(keptBytes);
  await context.close();
  return { usable, usableSeconds: (usableAt - begin) / 1000, whole, wholeSeconds };
}

/** Of all files in the cache; runs in the page. */
async function keptBytes() {
  // A browser's; Node has none.
  const { caches } = /** @type {{ caches: any }} */ (/** @type {unknown} */ (globalThis));
  let bytes = 0;
  let packed = 0;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const body = await (await cache.match(request))?.blob();
      if (!body) continue;
      bytes += body.size;
      const gzip = body.stream().pipeThrough(new CompressionStream("gzip"));
      packed += (await new Response(gzip).blob()).size;
    }
  }
  return { bytes, packed };
}

/** @param {readonly Load[]} loads */
function sum(loads) {
  return loads.reduce(
    (all, { bytes, packed }) => ({ bytes: all.bytes + bytes, packed: all.packed + packed }),
    { bytes: 0, packed: 0 },
  );
}

/** @param {Load} load */
function kilobytes({ bytes, packed }) {
  const text = (/** @type {number} */ n) =>
    n < 1e6 ? `${Math.round(n / 1000)} kB` : `${(n / 1e6).toFixed(1)} MB`;
  return `${text(bytes)} (${text(packed)} gzipped)`;
}
