import type { Tools } from "../context.js";
import type { RunReport } from "../report/run-report.js";
import { version } from "../version.js";
import type { CheckpointMark } from "./known-events.js";
import { peakMemoryMB } from "./peak-memory.js";
import type { RunEvent, SessionEvent, StartEvent } from "./run-events.js";
import { RunLog } from "./run-log.js";
import { SessionsFile } from "./sessions-file.js";
import { show } from "./show-event.js";
import { Stopwatch } from "./stopwatch.js";
import { TensorBoardFile } from "./tensorboard-file.js";

/** One session of a run: it tells, logs and times what happens. */
export class Session {
  readonly tools: Tools;
  readonly folder: string;
  readonly log: RunLog;
  readonly watch: Stopwatch;
  /** The page that shows the run, once there is something to show. */
  report: RunReport | undefined;
  /** When, where and from which step this session began. */
  readonly start: StartEvent;
  readonly #sessions: SessionsFile;
  readonly #tensorBoard: TensorBoardFile;
  #isReleased = false;

  private constructor(tools: Tools, folder: string, parts: Parts) {
    this.tools = tools;
    this.folder = folder;
    this.log = parts.log;
    this.watch = new Stopwatch(parts.sessions.before?.seconds);
    this.#sessions = parts.sessions;
    this.#tensorBoard = parts.tensorBoard;
    this.start = parts.start;
  }

  /** @param mark The checkpoint that the run goes on from. */
  static async begin(tools: Tools, folder: string, mark?: CheckpointMark): Promise<Session> {
    const problem = (what: string, error: unknown): void =>
      tools.reporter.warn(
        `${what} cannot be written (${error instanceof Error ? error.message : error}); the run goes on without it`,
      );
    const log = await RunLog.open(folder, { mark, onProblem: (e) => problem("the log", e) });
    const tensorBoard = new TensorBoardFile(folder, (e) => problem("TensorBoard's file", e));
    const start: StartEvent = {
      type: "start",
      time: new Date().toISOString(),
      hawksbill: version,
      platform: `Node ${process.version}, ${process.platform} ${process.arch}`,
      device: tools.device.name,
      fromStep: mark?.step ?? 0,
    };
    tools.reporter.event(start);
    const sessions = await SessionsFile.open(folder);
    return new Session(tools, folder, { log, sessions, tensorBoard, start });
  }

  /** The run can begin: what was told so far goes into its files. */
  async release(): Promise<void> {
    this.#isReleased = true;
    await this.log.release();
    await this.#sessions.release(this.start);
    await this.#tensorBoard.begin(this.log.events);
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Tells of an event and logs it. */
  async tell(event: RunEvent): Promise<void> {
    const { reporter } = this.tools;
    show(reporter, event);
    if (event.type !== "warning") reporter.event(event); // A warning is an event already.
    if (event.type === "encode") return;
    const logged = await this.log.write(event);
    if (logged) await this.#tensorBoard.write(logged);
    if (event.type === "checkpoint") await this.#sessions.write(this.#soFar);
    await this.report?.offer();
  }

  /** Most memory of this session and those before. */
  get peakMemoryMB(): number {
    return Math.max(peakMemoryMB(), this.#sessions.before?.peakMemoryMB ?? 0);
  }

  get #soFar(): SessionEvent {
    return { type: "session", seconds: this.watch.seconds, peakMemoryMB: this.peakMemoryMB };
  }

  async end(): Promise<void> {
    this.tools.reporter.event(this.#soFar);
    if (!this.#isReleased) return;
    await this.#sessions.write(this.#soFar);
    await this.report?.stop();
  }
}

interface Parts {
  readonly log: RunLog;
  readonly sessions: SessionsFile;
  readonly tensorBoard: TensorBoardFile;
  readonly start: StartEvent;
}
