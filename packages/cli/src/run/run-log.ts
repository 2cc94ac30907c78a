import { appendFile, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@hawksbill/checkpoint/node";
import { type CheckpointMark, knownEvents } from "./known-events.js";
import type { RunEvent } from "./run-events.js";
import { runFiles } from "./run-files.js";

/** An event as the log has it. */
export type LoggedEvent = RunEvent & {
  /** When it happened, e.g. "2026-11-23T01:30:00.000Z". */
  readonly time: string;
};

type EventOf<T> = Extract<LoggedEvent, { readonly type: T }>;
type StepType = "step" | "evaluation" | "decoderStep" | "decoderEvaluation" | "sample";

/** Events of a run's beginning, which each session of it comes by. */
const beginnings: ReadonlySet<string> = new Set(["data", "plan", "split", "adapter"]);

interface RunLogOptions {
  /** The checkpoint that a run goes on from: what was logged behind it is logged anew. None for a new run. */
  readonly mark?: CheckpointMark | undefined;
  /** Told once if the log cannot be written, which is no reason to stop training. */
  readonly onProblem: (error: unknown) => void;
  readonly now?: () => Date;
}

/**
 * The events of a run, each once, however often it was killed and went on: apart from times, the log is that of
 * a run that was never stopped. Each is written to the file as it happens.
 */
export class RunLog {
  readonly #path: string;
  readonly #events: LoggedEvent[];
  readonly #onProblem: (error: unknown) => void;
  readonly #now: () => Date;
  /** What is not on the disk yet; all of it until `release`. */
  #unwritten: string;
  #isHeld = true;
  #isWhole = true;

  private constructor(path: string, events: LoggedEvent[], { onProblem, now }: RunLogOptions) {
    this.#path = path;
    this.#events = events;
    this.#onProblem = onProblem;
    this.#now = now ?? (() => new Date());
    this.#unwritten = events.map(lineOf).join("");
  }

  /** Reads what there is; nothing is written before `release`, so that a run that cannot begin changes nothing. */
  static async open(folder: string, options: RunLogOptions): Promise<RunLog> {
    const path = join(folder, runFiles.log);
    const text = await readFile(path, "utf8").catch(() => "");
    const events = text.split("\n").flatMap(parsedLine);
    return new RunLog(path, options.mark ? knownEvents(events, options.mark) : [], options);
  }

  /** @returns The event as it was logged; nothing if an earlier session has logged it. */
  async write(event: RunEvent): Promise<LoggedEvent | undefined> {
    if (this.#has(event)) return undefined;
    const logged = { ...event, time: this.#now().toISOString() };
    this.#events.push(logged);
    this.#unwritten += lineOf(logged);
    if (!this.#isHeld) await this.#put(appendFile);
    return logged;
  }

  /** Puts the log into its file, in place of what a killed session left behind its last checkpoint. */
  async release(): Promise<void> {
    this.#isHeld = false;
    await this.#put((path, text) => writeFileAtomic(path, new TextEncoder().encode(text)));
  }

  /** Makes sure that even a power cut leaves what was logged. */
  async sync(): Promise<void> {
    await this.#attempt(async () => {
      const file = await open(this.#path, "r+");
      await file.sync().finally(() => file.close());
    });
  }

  #has(event: RunEvent): boolean {
    if (event.type === "warning")
      return this.all("warning").some(({ message }) => message === event.message);
    return beginnings.has(event.type) && this.all(event.type).length > 0;
  }

  async #put(write: (path: string, text: string) => Promise<void>): Promise<void> {
    await this.#attempt(async () => {
      await write(this.#path, this.#unwritten);
      this.#unwritten = "";
    });
  }

  async #attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (this.#isWhole) this.#onProblem(error);
      this.#isWhole = false;
    }
  }

  get events(): readonly LoggedEvent[] {
    return this.#events;
  }

  /** The events of a type, in the order in which they happened. */
  all<T extends RunEvent["type"]>(type: T): EventOf<T>[] {
    return this.#events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** By step; a step counts as it went the last time. */
  bySteps<T extends StepType>(type: T): EventOf<T>[] {
    const events: readonly { readonly step: number }[] = this.all<StepType>(type);
    const last = new Map(events.map((event) => [event.step, event]));
    return [...last.values()].sort((a, b) => a.step - b.step) as EventOf<T>[];
  }
}

function lineOf(event: LoggedEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Nothing for a line that a killed process left unfinished. */
function parsedLine(line: string): LoggedEvent[] {
  try {
    return [JSON.parse(line) as LoggedEvent];
  } catch {
    return [];
  }
}
