/** Our side of a comparison, in a process of its own: see peers.py, which speaks in the same lines. */
import { createInterface } from "node:readline";
import { works } from "./works.js";

const [id, path = ""] = process.argv.slice(2);
const work = works.find((work) => work.id === id);
if (!work) throw new Error(`side: there is no work "${id}"`);

const say = (what: object): void => console.log(JSON.stringify(what));
const run = await work.open(path);
const first = await run();
say({ ready: Array.from("outputs" in first ? first.outputs : first) });
for await (const _ of createInterface(process.stdin)) {
  const began = performance.now();
  const result = await run();
  say({ seconds: "seconds" in result ? result.seconds : (performance.now() - began) / 1000 });
}
say({ peakMB: process.resourceUsage().maxRSS / 1024 });
process.exit(0);
