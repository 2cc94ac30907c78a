import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { Contestant, type Outputs } from "./contestant.js";
import { distance } from "./distance.js";
import type { Rates } from "./rates.js";
import { cacheFolder, type Files, isJavascript, type Peer, type Work } from "./work.js";

/** One line of the table. `ratio` is ours / theirs: below 1 is faster. */
export interface Row {
  readonly id: string;
  readonly peer: Peer | null;
  readonly oursSeconds: number;
  /** Largest and smallest of our runs, apart, by the median. */
  readonly oursSpread: number;
  readonly peerSeconds: number | null;
  readonly peerSpread: number | null;
  readonly ratio: number | null;
  readonly oursPeakMB: number | null;
  readonly peerPeakMB: number | null;
  /** What this machine needs at least, by the rates measured in the same run; null if not known. */
  readonly limitSeconds: number | null;
  /** ‖ours − theirs‖ / ‖theirs‖. */
  readonly error: number | null;
  readonly note: string;
}

interface CompareOptions {
  readonly rates: Rates;
  readonly quick: boolean;
  /** The program. */
  readonly python: string;
}

/** What a contestant's runs of one work may take before it is not asked again: tfjs needs minutes for some. */
const enoughSeconds = { full: 300, quick: 20 };

/** Does a piece of work here and at each of its peers, in turns: A B C A B C …, or A B A B …, A C A C … */
export async function compare(work: Work, options: CompareOptions): Promise<Row[]> {
  const races = work.apart ? work.peers.map((peer) => [peer]) : [work.peers];
  const rows: Row[] = [];
  for (const peers of races) rows.push(...(await race(work, peers, options)));
  return rows;
}

async function race(
  work: Work,
  against: readonly Peer[],
  { rates, quick, python }: CompareOptions,
): Promise<Row[]> {
  const path = await pathOf((quick ? work.quickFiles : undefined) ?? work.files);
  const side = ["--import=tsx", "--conditions=@hawksbill/source", "tools/bench/side.ts"];
  const ours = new Contestant(process.execPath, [...side, work.id, path], work.isFresh);
  const all = [ours];
  try {
    const outputs = await ours.outputs();
    const peers: { peer: Peer; contestant?: Contestant; error: number | null; note: string }[] = [];
    for (const peer of against) {
      const contestant = isJavascript(peer)
        ? new Contestant(process.execPath, [...side, work.id, path, peer], work.isFresh)
        : new Contestant(python, ["tools/bench/peers.py", work.id, peer, path], work.isFresh);
      all.push(contestant);
      try {
        const apart = farthest(outputs, await contestant.outputs());
        const error = work.tolerance === null ? null : apart.error;
        peers.push({ peer, contestant, error, note: disagreement(work, peer, apart) });
      } catch (reason) {
        peers.push({ peer, error: null, note: `did not run: ${lastLine(reason)}` });
      }
    }
    const count = (work.runs ?? [5, 2])[quick ? 1 : 0];
    const times = new Map<Contestant, number[]>(all.map((contestant) => [contestant, []]));
    const racing = [ours, ...peers.flatMap(({ contestant }) => contestant ?? [])];
    const fallen = new Map<Contestant, string>();
    for (let i = 0; i < count; i++)
      for (const contestant of racing) {
        const taken = times.get(contestant) ?? [];
        if (fallen.has(contestant) || sumOf(taken) >= enoughSeconds[quick ? "quick" : "full"])
          continue;
        try {
          taken.push(await contestant.run());
        } catch (reason) {
          if (contestant === ours) throw reason; // There is nothing to compare with.
          fallen.set(contestant, `ended after ${taken.length} runs: ${lastLine(reason)}`);
        }
      }

    const ourTimes = summary(times.get(ours) ?? []);
    const common = {
      id: work.id,
      oursSeconds: ourTimes.median,
      oursSpread: ourTimes.spread,
      oursPeakMB: await ours.end(),
      limitSeconds: limitOf(work, rates),
    };
    const rows: Row[] = [];
    for (const { peer, contestant, error, note } of peers) {
      const taken = (contestant && times.get(contestant)) ?? [];
      const theirs = taken.length > 0 ? summary(taken) : undefined;
      const end = contestant && fallen.get(contestant);
      const few =
        taken.length > 0 && taken.length < count ? `only ${taken.length} of ${count} runs` : "";
      rows.push({
        ...common,
        peer,
        peerSeconds: theirs?.median ?? null,
        peerSpread: theirs?.spread ?? null,
        ratio: theirs ? common.oursSeconds / theirs.median : null,
        peerPeakMB: contestant && end === undefined ? await contestant.end() : null,
        error,
        note: note || (end ?? few),
      });
    }
    return rows;
  } finally {
    await Promise.all(all.map((contestant) => contestant.kill()));
  }
}

function lastLine(reason: unknown): string {
  return (reason as Error).message.split("\n").at(-1) ?? "";
}

/** Where the work's file is; makes it if it is not there. */
async function pathOf(files: Files | undefined): Promise<string> {
  if (!files) return "";
  mkdirSync(cacheFolder, { recursive: true });
  const path = join(cacheFolder, files.name);
  if (!existsSync(path)) {
    const unfinished = join(cacheFolder, `unfinished-${files.name}`);
    await files.make(unfinished);
    renameSync(unfinished, path);
  }
  return path;
}

/** The stage in which two sides differ most; it has no name where there is only one. */
interface Difference {
  readonly error: number;
  readonly stage: string;
}

function disagreement(
  { tolerance = 1e-3 }: Work,
  peer: Peer,
  { error, stage }: Difference,
): string {
  if (tolerance === null) return "";
  const most = peer === "pytorch-bf16" ? Math.max(tolerance, 0.2) : tolerance;
  return error <= most
    ? ""
    : `DISAGREES: ${stage}${error.toExponential(1)}, wanted ${most} or less`;
}

function farthest(ours: Outputs, theirs: Outputs): Difference {
  const [mine, others] = [stagesOf(ours), stagesOf(theirs)];
  return Object.keys({ ...mine, ...others })
    .map((stage) => ({ stage, error: distance(mine[stage] ?? [], others[stage] ?? []) }))
    .reduce((most, one) => (one.error > most.error ? one : most));
}

function stagesOf(outputs: Outputs): Readonly<Record<string, readonly number[]>> {
  if (Array.isArray(outputs)) return { "": outputs };
  return Object.fromEntries(
    Object.entries(outputs).map(([stage, numbers]) => [`${stage} `, numbers]),
  );
}

function sumOf(times: readonly number[]): number {
  return times.reduce((sum, seconds) => sum + seconds, 0);
}

function summary(times: readonly number[]): { median: number; spread: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
  return { median, spread: ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / median };
}

function limitOf({ least }: Work, rates: Rates): number | null {
  if (!least) return null;
  const { operations = 0, int8Operations = 0, bytes = 0 } = least;
  const computing =
    operations / rates.operationsPerSecond + int8Operations / rates.int8OperationsPerSecond;
  return Math.max(computing, bytes / rates.bytesPerSecond);
}
