import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Numbers, or those of each stage. */
export type Outputs = readonly number[] | Readonly<Record<string, readonly number[]>>;

/** A process that does a piece of work whenever it is told to. */
export class Contestant {
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #isFresh: boolean;
  #process: ChildProcess;
  #lines: AsyncIterator<string>;
  #errors = "";

  /** @param isFresh Each run is the first one of a new process. */
  constructor(command: string, args: readonly string[], isFresh = false) {
    this.#command = command;
    this.#args = args;
    this.#isFresh = isFresh;
    [this.#process, this.#lines] = this.#start();
  }

  #start(): [ChildProcess, AsyncIterator<string>] {
    const process = spawn(this.#command, this.#args, { stdio: ["pipe", "pipe", "pipe"] });
    process.stderr.on("data", (text) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    process.stdin.on("error", () => {}); // It is gone, which its missing answer tells.
    process.on("error", (error) => {
      this.#errors = error.message;
    });
    return [process, createInterface({ input: process.stdout })[Symbol.asyncIterator]()];
  }

  /** Waits until it is ready; what its first run gave. */
  async outputs(): Promise<Outputs> {
    return (await this.#answer<{ ready: Outputs }>()).ready;
  }

  /** Seconds of one more run. */
  async run(): Promise<number> {
    if (this.#isFresh) {
      await this.kill();
      [this.#process, this.#lines] = this.#start();
    } else this.#process.stdin?.write("run\n");
    return (await this.#answer<{ seconds: number }>()).seconds;
  }

  /** Ends it; the most memory it had, where it was measured. */
  async end(): Promise<number | null> {
    this.#process.stdin?.end();
    const { peakMB } = await this.#answer<{ peakMB: number | null }>();
    return peakMB;
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "close");
  }

  async #answer<T>(): Promise<T> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(this.#errors.trim() || "it ended without a word");
      if (value.startsWith("{")) return JSON.parse(value) as T;
    }
  }
}
