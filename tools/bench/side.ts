/** A side of a comparison in JavaScript, in a process of its own: see peers.py, which speaks in the same lines. */
import { createInterface } from "node:readline";
import { peakMB } from "./peak-memory.js";
import type { Peer } from "./work.js";
import { works } from "./works.js";

const [id, path = "", peer] = process.argv.slice(2);
const work = works.find((work) => work.id === id);
if (!work) throw new Error(`side: there is no work "${id}"`);

const say = (what: object): void => console.log(JSON.stringify(what));
const run = await (peer ? work.openPeer?.(peer as Peer, path) : work.open(path))?.catch(leave);
if (!run) throw new Error(`side: ${id} has no peers in JavaScript`);
const first = await run().catch(leave);
say({ ready: Array.from("outputs" in first ? first.outputs : first) });
for await (const _ of createInterface(process.stdin)) {
  const began = performance.now();
  const result = await run();
  say({ seconds: "seconds" in result ? result.seconds : (performance.now() - began) / 1000 });
}
const elsewhere = peer !== undefined || work.inBrowser;
say({ peakMB: elsewhere ? null : peakMB() });
process.exit(0);

/** compare.ts tells the last line. */
function leave(reason: Error): never {
  console.error(reason.message.split("\n")[0]);
  process.exit(1);
}
