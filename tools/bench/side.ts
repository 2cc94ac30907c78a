/** A side of a comparison in JavaScript, in a process of its own: see peers.py, which speaks in the same lines. */
import { createInterface } from "node:readline";
import { peakMB } from "./peak-memory.js";
import type { JavascriptPeer, Run, Stages } from "./work.js";
import { works } from "./works.js";

type Result = Awaited<ReturnType<Run>>;

const [id, path = "", peer] = process.argv.slice(2);
const work = works.find((work) => work.id === id);
if (!work) throw new Error(`side: there is no work "${id}"`);

const say = (what: object): void => console.log(JSON.stringify(what));
const run = await (peer ? work.openPeer?.(peer as JavascriptPeer, path) : work.open(path))?.catch(
  leave,
);
if (!run) throw new Error(`side: ${id} has no peers in JavaScript`);
const [first, seconds] = await timed().catch(leave);
say({ ready: plain(isTold(first) ? first.outputs : first), seconds });
for await (const _ of createInterface(process.stdin)) say({ seconds: (await timed())[1] });
const elsewhere = work.isElsewhere || (peer !== undefined && peer !== "transformers.js");
say({ peakMB: elsewhere ? null : peakMB() });
process.exit(0);

/** What a run gives, and its seconds. */
async function timed(): Promise<[Result, number]> {
  const began = performance.now();
  const result = await (run as Run)();
  const seconds = (performance.now() - began) / 1000;
  return [result, isTold(result) ? (result.seconds ?? seconds) : seconds];
}

function isTold(result: Result): result is Exclude<Result, ArrayLike<number>> {
  return "outputs" in result;
}

/** As JSON has them. */
function plain(outputs: ArrayLike<number> | Stages): number[] | Record<string, number[]> {
  if (isNumbers(outputs)) return Array.from(outputs);
  return Object.fromEntries(
    Object.entries(outputs).map(([stage, numbers]) => [stage, Array.from(numbers)]),
  );
}

function isNumbers(outputs: ArrayLike<number> | Stages): outputs is ArrayLike<number> {
  return typeof outputs.length === "number";
}

/** compare.ts tells the last line. */
function leave(reason: Error): never {
  console.error(reason.message.split("\n")[0]);
  process.exit(1);
}
