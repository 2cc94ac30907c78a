import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunEvent } from "./run-events.js";
import { runFiles } from "./run-files.js";

type EventOf<T> = Extract<RunEvent, { readonly type: T }>;
type StepType = "step" | "evaluation" | "decoderStep" | "decoderEvaluation";

/** The events of a run, those of earlier sessions among them; each is written to its log as it happens. */
export class RunLog {
  readonly #path: string;
  readonly #events: RunEvent[];
  readonly #onProblem: (error: unknown) => void;
  /** What is not on the disk yet. */
  #unwritten: string;
  #isHeld = true;
  #isWhole = true;

  private constructor(path: string, text: string, onProblem: (error: unknown) => void) {
    this.#path = path;
    this.#events = text.split("\n").flatMap(parsedLine);
    this.#onProblem = onProblem;
    this.#unwritten = text === "" || text.endsWith("\n") ? "" : "\n"; // After a killed process's half line.
  }

  /**
   * Reads what there is; nothing is written before `release`, so that a run that cannot begin leaves nothing.
   *
   * @param onProblem Told once if the log cannot be written, which is no reason to stop training.
   */
  static async open(folder: string, onProblem: (error: unknown) => void): Promise<RunLog> {
    const path = join(folder, runFiles.log);
    return new RunLog(path, await readFile(path, "utf8").catch(() => ""), onProblem);
  }

  async write(event: RunEvent): Promise<void> {
    this.#events.push(event);
    this.#unwritten += `${JSON.stringify(event)}\n`;
    if (!this.#isHeld) await this.#append();
  }

  async release(): Promise<void> {
    this.#isHeld = false;
    await this.#append();
  }

  async #append(): Promise<void> {
    try {
      await appendFile(this.#path, this.#unwritten);
      this.#unwritten = "";
    } catch (error) {
      if (this.#isWhole) this.#onProblem(error);
      this.#isWhole = false;
    }
  }

  /** The events of a type, in the order in which they happened. */
  all<T extends RunEvent["type"]>(type: T): EventOf<T>[] {
    return this.#events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** By step; steps that were made again after a crash count once, as they went the last time. */
  bySteps<T extends StepType>(type: T): EventOf<T>[] {
    const events: readonly { readonly step: number }[] = this.all<StepType>(type);
    const last = new Map(events.map((event) => [event.step, event]));
    return [...last.values()].sort((a, b) => a.step - b.step) as EventOf<T>[];
  }
}

/** Nothing for a line that a killed process left unfinished. */
function parsedLine(line: string): RunEvent[] {
  try {
    return [JSON.parse(line) as RunEvent];
  } catch {
    return [];
  }
}
