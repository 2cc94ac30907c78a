import {
  newRun,
  type ResumeSettings,
  type Run,
  type RunEvent,
  type RunRequest,
  runAfter,
} from "../run/run.js";
import { requireRecordings } from "./clip-files.js";
import { type Folder, readJson } from "./folder.js";
import { trainVoice } from "./train-voice.js";

const runFile = "run/run.json";

/** The one fine-tuning in the studio's folder: what happens to it is kept, and outlives the page. */
export class RunStore {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** As it was kept, perhaps by another tab. One that was under way when the page was closed has stopped. */
  async run(): Promise<Run | undefined> {
    const run = await readJson<Run>(this.#folder, runFile);
    return run?.state === "running" ? runAfter(run, { type: "stopped" }) : run;
  }

  /**
   * Fine-tunes anew; the last one's model is forgotten.
   *
   * @throws It cannot begin; then the last one's model is still there.
   */
  async *start(request: RunRequest, signal: AbortSignal): AsyncGenerator<RunEvent> {
    await requireRecordings(request.clips, this.#folder);
    yield* this.#train(newRun(request), { type: "started", ...request }, signal);
  }

  /** Goes on where the last fine-tuning stopped. @throws There is none, or clips of it are gone. */
  async *resume(settings: ResumeSettings, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const run = await this.run();
    if (!run) throw new Error("There is no fine-tuning to go on with; start one.");
    await requireRecordings(run.clips, this.#folder);
    yield* this.#train(run, { type: "resumed", step: run.savedStep, settings }, signal);
  }

  async *#train(begun: Run, first: RunEvent, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const folder = this.#folder;
    let run = begun;
    let isKept = first.type === "resumed";
    const keep = (): Promise<void> => folder.write(runFile, JSON.stringify(run));
    const kept = async (event: RunEvent): Promise<RunEvent> => {
      run = runAfter(run, event);
      if (isKept && outlivesPage(event)) await keep();
      return event;
    };
    /** It can begin: a new one takes the place of the last. */
    const onReady = async (): Promise<void> => {
      if (isKept) return;
      await folder.remove("run");
      await folder.remove("model");
      isKept = true;
      await keep();
    };
    yield await kept(first);
    try {
      for await (const event of trainVoice({ run, folder, signal, onReady }))
        yield await kept(event);
    } catch (error) {
      // What fails after it was told to stop has failed all the same.
      const isStop = signal.aborted && error === signal.reason;
      if (!isKept && isStop) return;
      if (!isKept) throw error;
      const message = error instanceof Error ? error.message : String(error);
      yield await kept(isStop ? { type: "stopped" } : { type: "failed", message });
    }
  }
}

/** A step counts once it is saved. */
function outlivesPage({ type }: RunEvent): boolean {
  return type !== "step" && type !== "decoderStep" && type !== "part";
}
