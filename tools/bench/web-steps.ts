/**
 * Training steps in Chromium one by one, in turns, with the clock's time and the processor time of the whole browser:
 *
 *   npx tsx --conditions=@hawksbill/source tools/bench/web-steps.ts 192|512 STEPS CONTESTANT[:THREADS] …
 *
 * after `npm run bench -- web` has written the problem and installed the peers. On a busy machine the processor time tells
 * more; what threads spend waiting for one another is in it, too.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Contestant, openPage } from "./web/open-page.js";
import { cacheFolder } from "./work.js";
import { webWorks } from "./works/web.js";

/** Linux's unit of processor time, USER_HZ. */
const ticksPerSecond = 100;

const [width = "192", steps = "10", ...who] = process.argv.slice(2);
const files = webWorks.find(({ id }) => id === `web.${width}.wasm`)?.files;
if (!files) throw new Error(`web-steps: there is no problem of width ${width}; give 192 or 512`);
const path = join(cacheFolder, files.name);

const pages: { readonly name: string; readonly step: Awaited<ReturnType<typeof openPage>> }[] = [];
for (const name of who) {
  const [contestant, threads] = name.split(":");
  const step = await openPage(
    contestant as Contestant,
    path,
    threads ? Number(threads) : undefined,
  );
  pages.push({ name, step });
}
for (let i = 1; i <= Number(steps); i++)
  for (const { name, step } of pages) {
    const before = processorSeconds();
    const { loss, seconds } = await step();
    const processor = processorSeconds() - before;
    console.log(
      `${i} ${name.padEnd(14)} ${seconds.toFixed(2)} s, processor ${processor.toFixed(2)} s, loss ${loss.toFixed(5)}`,
    );
  }
process.exit(0);

/** Of all processes below this one, by Linux's /proc: the browsers' (whichever of them computes). */
function processorSeconds(): number {
  const processes = new Map<number, { readonly parent: number; readonly ticks: number }>();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [parent, user, system] = [1, 11, 12].map((i) => Number(fields[i])) as [
        number,
        number,
        number,
      ];
      processes.set(Number(name), { parent, ticks: user + system });
    } catch {
      // It ended meanwhile.
    }
  const isBelow = (id: number | undefined): boolean =>
    id !== undefined && (id === process.pid || isBelow(processes.get(id)?.parent));
  const below = [...processes].filter(([id]) => id !== process.pid && isBelow(id));
  return below.reduce((sum, [, { ticks }]) => sum + ticks, 0) / ticksPerSecond;
}
