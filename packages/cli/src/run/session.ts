import type { Tools } from "../context.js";
import { count, duration, lossText, memoryText, rateText } from "../format.js";
import { version } from "../version.js";
import { peakMemoryMB } from "./peak-memory.js";
import { planLines } from "./plan-lines.js";
import type { RunEvent } from "./run-events.js";
import { RunLog } from "./run-log.js";
import { Stopwatch } from "./stopwatch.js";

/** One session of a run: it tells, logs and times what happens. */
export class Session {
  readonly tools: Tools;
  readonly folder: string;
  readonly log: RunLog;
  readonly watch: Stopwatch;

  private constructor(tools: Tools, folder: string, log: RunLog) {
    this.tools = tools;
    this.folder = folder;
    this.log = log;
    this.watch = new Stopwatch(log.all("session").at(-1)?.seconds);
  }

  static async begin(tools: Tools, folder: string, fromStep: number): Promise<Session> {
    const { reporter, device } = tools;
    const log = await RunLog.open(folder, (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      reporter.warn(`the log cannot be written (${reason}); the run goes on without it`);
    });
    const session = new Session(tools, folder, log);
    await session.tell({
      type: "start",
      time: new Date().toISOString(),
      hawksbill: version,
      platform: `Node ${process.version}, ${process.platform} ${process.arch}`,
      device: device.name,
      fromStep,
    });
    return session;
  }

  /** Tells of an event and logs it. */
  async tell(event: RunEvent): Promise<void> {
    const { reporter } = this.tools;
    show(reporter, event);
    reporter.event(event);
    if (event.type !== "encode") await this.log.write(event);
  }

  /** Most memory of this session and those before. */
  get peakMemoryMB(): number {
    return Math.max(peakMemoryMB(), ...this.log.all("session").map((event) => event.peakMemoryMB));
  }

  async end(): Promise<void> {
    const { seconds } = this.watch;
    await this.tell({ type: "session", seconds, peakMemoryMB: this.peakMemoryMB });
  }
}

/** Puts an event into words, where people want to read of it. */
function show(reporter: Tools["reporter"], event: RunEvent): void {
  switch (event.type) {
    case "split":
      reporter.note(
        `${count(event.training.length, "clip")} to train on, ${event.heldOut.length} held out to measure`,
      );
      break;
    case "encode":
      reporter.progress(`encoding clips ${event.done}/${event.total}`);
      break;
    case "plan":
      for (const line of planLines(event.plan)) reporter.note(line);
      break;
    case "adapter":
      reporter.note(
        `training an adapter of rank ${event.rank}: ${event.parameters.toLocaleString("en-US")} numbers; the base stays as it is`,
      );
      break;
    case "warning":
      reporter.warn(event.message);
      break;
    case "step": {
      const { step, steps, loss, learningRate, etaSeconds, memoryMB = 0 } = event;
      reporter.progress(
        `step ${step}/${steps}  loss ${lossText(loss)}  rate ${rateText(learningRate)}  ${duration(etaSeconds)} left  ${memoryText(memoryMB)}`,
        step / steps,
      );
      break;
    }
    case "skipped":
      reporter.warn(
        `after step ${event.step} the loss or a gradient was not finite: the batch was passed over`,
      );
      break;
    case "evaluation": {
      const { mel = Number.NaN, text = Number.NaN } = event.metrics;
      reporter.note(
        `step ${event.step}: held-out mel loss ${lossText(mel)}, text loss ${lossText(text)}`,
      );
      break;
    }
    case "decoderStep":
      reporter.progress(
        `decoder step ${event.step}/${event.steps}  error ${lossText(event.loss)}`,
        event.step / event.steps,
      );
      break;
    case "decoderEvaluation":
      reporter.note(`decoder step ${event.step}: held-out mel error ${lossText(event.loss)}`);
      break;
    case "checkpointFailed":
      reporter.warn(`the checkpoint of step ${event.step} was not saved: ${event.message}`);
      break;
    case "speech":
      reporter.note(
        `${event.which}.wav: ${event.seconds.toFixed(1)} s, ${event.stopped ? "ended by itself" : "cut at the longest"}`,
      );
      break;
  }
}
