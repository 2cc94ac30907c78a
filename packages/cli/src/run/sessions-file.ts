import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SessionEvent, StartEvent } from "./run-events.js";
import { runFiles } from "./run-files.js";

/**
 * When, where and for how long a run's sessions went: a line as each begins, at each checkpoint and as it ends. It
 * stands beside the log, which does not know how often a run was stopped.
 */
export class SessionsFile {
  readonly #path: string;
  #unwritten = "";
  #isHeld = true;
  /** Of the last session that could still tell, those before it counted in. */
  readonly before: SessionEvent | undefined;

  private constructor(path: string, before: SessionEvent | undefined) {
    this.#path = path;
    this.before = before;
  }

  /** Reads what there is; nothing is written before `release`. */
  static async open(folder: string): Promise<SessionsFile> {
    const path = join(folder, runFiles.sessions);
    const text = await readFile(path, "utf8").catch(() => "");
    return new SessionsFile(path, text.split("\n").flatMap(parsedSession).at(-1));
  }

  /** A failure changes nothing for the run: the log, which tells of it, is on the same disk. */
  async write(event: StartEvent | SessionEvent): Promise<void> {
    this.#unwritten += `${JSON.stringify(event)}\n`;
    if (this.#isHeld) return;
    const text = this.#unwritten;
    this.#unwritten = "";
    await appendFile(this.#path, text).catch(() => undefined);
  }

  /** @param start That of this session. */
  async release(start: StartEvent): Promise<void> {
    this.#isHeld = false;
    await this.write(start);
  }
}

function parsedSession(line: string): SessionEvent[] {
  try {
    const event = JSON.parse(line) as StartEvent | SessionEvent;
    return event.type === "session" ? [event] : [];
  } catch {
    return [];
  }
}
